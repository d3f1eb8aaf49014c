//! What was written and synced, in order, and what a disk may look like after the power failed in between.

use std::collections::BTreeMap;

/// One thing that was done to a file.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// It was made.
    Create(String),
    /// Bytes were written at an offset.
    Write(String, usize, Vec<u8>),
    /// It was cut, or grew with zeros.
    Truncate(String, usize),
    /// Everything written to it so far reached the disk.
    Sync(String),
    /// It was deleted.
    Delete(String),
}

/// The files of a folder by name.
pub type Image = BTreeMap<String, Vec<u8>>;

/// A recording.
#[derive(Clone, Debug, Default)]
pub struct Tape {
    pub(crate) base: Image,
    pub(crate) steps: Vec<Step>,
}

/// What a disk writes as a whole, in bytes.
const SECTOR: usize = 512;

/// How the cache of a disk whose power fails treats what was not synced.
#[derive(Clone, Copy, Debug)]
enum Manner {
    /// Everything is lost.
    Lose,
    /// Everything is kept, as after a kill.
    Keep,
    /// A beginning is kept, the write after it torn.
    Cut,
    /// Any of the writes are kept, whole.
    Reorder,
    /// Any sectors of any writes are kept.
    Tear,
}

/// One file that the folder names, or named until a deletion that has not reached the disk.
#[derive(Clone, Debug, Default)]
struct File {
    /// The bytes that a sync made safe.
    safe: Vec<u8>,
    /// What was done since.
    pending: Vec<Step>,
}

#[derive(Clone, Debug, Default)]
struct Name {
    /// What the disk's folder surely holds under this name.
    safe: Option<File>,
    /// What became of the name since, in order: a new file, or none.
    pending: Vec<Option<File>>,
}

impl Name {
    /// The file that is open under this name; a name never met was made by other means than SQLite's.
    fn newest(&mut self) -> Option<&mut File> {
        if self.pending.is_empty() && self.safe.is_none() {
            self.pending.push(Some(File::default()));
        }
        match self.pending.last_mut() {
            Some(newest) => newest.as_mut(),
            None => self.safe.as_mut(),
        }
    }

    /// The folder itself reaches the disk.
    fn settle(&mut self) {
        if let Some(newest) = self.pending.pop() {
            self.safe = newest;
            self.pending.clear();
        }
    }
}

impl Tape {
    /// How many steps there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// True if nothing was recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// What the folder may hold after the power failed just before step `upto`; `dice` gives a number below
    /// the one it is given.
    pub fn image(&self, upto: usize, dice: &mut impl FnMut(usize) -> usize) -> Image {
        let mut names: BTreeMap<&str, Name> = BTreeMap::new();
        for (name, bytes) in &self.base {
            let safe = Some(File { safe: bytes.clone(), pending: Vec::new() });
            names.insert(name, Name { safe, pending: Vec::new() });
        }
        for step in &self.steps[..upto.min(self.steps.len())] {
            match step {
                Step::Create(file) => {
                    names.entry(file).or_default().pending.push(Some(File::default()));
                }
                Step::Delete(file) => names.entry(file).or_default().pending.push(None),
                Step::Sync(file) => {
                    if let Some(file) = names.entry(file).or_default().newest() {
                        let pending = std::mem::take(&mut file.pending);
                        pending.iter().for_each(|step| apply(&mut file.safe, step));
                    }
                    // The first sync of a new file syncs the folder with it, and so every name in it.
                    if names.get(file.as_str()).is_some_and(|name| !name.pending.is_empty()) {
                        names.values_mut().for_each(Name::settle);
                    }
                }
                Step::Write(file, ..) | Step::Truncate(file, _) => {
                    if let Some(file) = names.entry(file).or_default().newest() {
                        file.pending.push(step.clone());
                    }
                }
            }
        }
        let mut image = Image::new();
        for (name, state) in names {
            let reached = dice(state.pending.len() + 1);
            let file = if reached == 0 { state.safe } else { state.pending[reached - 1].clone() };
            if let Some(file) = file {
                image.insert(name.to_owned(), file.after_power_cut(dice));
            }
        }
        image
    }
}

impl File {
    fn after_power_cut(mut self, dice: &mut impl FnMut(usize) -> usize) -> Vec<u8> {
        let manner = [Manner::Lose, Manner::Keep, Manner::Cut, Manner::Reorder, Manner::Tear][dice(5)];
        let kept = dice(self.pending.len() + 1);
        for (number, step) in self.pending.iter().enumerate() {
            match manner {
                Manner::Lose => break,
                Manner::Keep => apply(&mut self.safe, step),
                Manner::Cut if number < kept => apply(&mut self.safe, step),
                Manner::Cut if number == kept => tear(&mut self.safe, step, dice),
                Manner::Cut => break,
                Manner::Reorder if dice(2) == 0 => apply(&mut self.safe, step),
                Manner::Reorder => {}
                Manner::Tear => tear(&mut self.safe, step, dice),
            }
        }
        self.safe
    }
}

fn apply(bytes: &mut Vec<u8>, step: &Step) {
    match step {
        Step::Write(_, offset, written) => put(bytes, *offset, written),
        Step::Truncate(_, size) => bytes.resize(*size, 0),
        _ => {}
    }
}

/// Some sectors of a write reach the disk, in no order.
fn tear(bytes: &mut Vec<u8>, step: &Step, dice: &mut impl FnMut(usize) -> usize) {
    let Step::Write(_, offset, written) = step else {
        if dice(2) == 0 {
            apply(bytes, step);
        }
        return;
    };
    let mut at = 0;
    while at < written.len() {
        let sector = SECTOR - (offset + at) % SECTOR;
        let end = written.len().min(at + sector);
        if dice(2) == 0 {
            put(bytes, offset + at, &written[at..end]);
        }
        at = end;
    }
}

/// Writes bytes; a hole before them reads as zeros.
fn put(bytes: &mut Vec<u8>, offset: usize, written: &[u8]) {
    if bytes.len() < offset + written.len() {
        bytes.resize(offset + written.len(), 0);
    }
    bytes[offset..offset + written.len()].copy_from_slice(written);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(text: &str) -> Step {
        Step::Write("a".into(), 0, text.as_bytes().to_vec())
    }

    fn tape(steps: Vec<Step>) -> Tape {
        Tape { base: Image::from([("a".to_owned(), b"old".to_vec())]), steps }
    }

    #[test]
    fn what_was_synced_is_in_every_image() {
        let tape = tape(vec![write("new"), Step::Sync("a".into()), write("xyz")]);
        for throw in 0..5 {
            let image = tape.image(2, &mut |below| throw % below);
            assert_eq!(image["a"], b"new");
        }
    }

    #[test]
    fn what_was_not_synced_may_be_there_or_not() {
        let tape = tape(vec![write("new")]);
        let mut seen: Vec<_> =
            (0..5).map(|throw| tape.image(1, &mut |below| throw % below)["a"].clone()).collect();
        seen.sort();
        seen.dedup();
        assert_eq!(seen, [b"new".to_vec(), b"old".to_vec()]);
    }

    #[test]
    fn a_deleted_file_may_come_back_until_the_folder_is_synced() {
        let mut steps = vec![Step::Delete("a".into())];
        assert_eq!(tape(steps.clone()).image(1, &mut |_| 0)["a"], b"old");
        steps.extend([Step::Create("b".into()), Step::Sync("b".into())]);
        assert!(!tape(steps).image(3, &mut |_| 0).contains_key("a"));
    }
}
