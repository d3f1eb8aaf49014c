//! How far the log of writes had come when a save last returned, noted beside the database. SQLite takes a log that was
//! cut, exchanged or damaged for one that ends earlier, and says nothing of the saves behind: this note does.
//! `connection` moves it after each commit, `open` holds it against the log.
//!
//! The layout is SQLite's: a head of 32 bytes with two salts, then frames, each a head of 24 bytes and a page
//! (<https://www.sqlite.org/fileformat2.html#the_write_ahead_log>). A log that begins anew takes other salts.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::file::with_suffix;

/// What the note's name ends with.
pub(super) const SUFFIX: &str = ".watermark";

const HEAD: u64 = 32;
const FRAME_HEAD: usize = 24;
/// The largest page that SQLite makes.
const LARGEST_PAGE: u32 = 65_536;

/// From so many frames on SQLite copies the log into the database with each commit, and the next write may begin it anew
/// (its default of `wal_autocheckpoint`). What lies behind is in the database already, and not in the note.
const MAY_BEGIN_ANEW: u32 = 1_000;

/// A place in a log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Place {
    salts: [u32; 2],
    /// Frames up to the last commit.
    frames: u32,
}

impl Place {
    /// Salts, frames, and a checksum, so that a note of which a power cut left a part says nothing. All zeros too.
    fn to_bytes(self) -> [u8; 16] {
        let mut bytes = [0; 16];
        for (at, word) in [self.salts[0], self.salts[1], self.frames].into_iter().enumerate() {
            bytes[at * 4..at * 4 + 4].copy_from_slice(&word.to_be_bytes());
        }
        let sum = Sha256::digest(&bytes[..12]);
        bytes[12..].copy_from_slice(&sum[..4]);
        bytes
    }

    fn read(note: &Path) -> Option<Self> {
        let bytes = std::fs::read(note).ok()?;
        let place =
            Self { salts: [big_endian(&bytes, 0)?, big_endian(&bytes, 4)?], frames: big_endian(&bytes, 8)? };
        (place.to_bytes().as_slice() == bytes.as_slice()).then_some(place)
    }
}

/// The note of an open database.
#[derive(Debug)]
pub(super) struct Watermark {
    log: PathBuf,
    note: PathBuf,
    /// The log and the note, once something was written.
    files: Option<(File, File)>,
    /// How far the log was followed.
    followed: Place,
    /// What the note says; `None` where it says nothing.
    noted: Option<Place>,
}

impl Watermark {
    /// The note of the database at `path`, which says nothing until the next save.
    pub(super) fn new(path: &Path) -> Self {
        Self {
            log: with_suffix(path, "-wal"),
            note: with_suffix(path, SUFFIX),
            files: None,
            followed: Place::default(),
            noted: None,
        }
    }

    /// Notes a save that has reached the disk. The note itself is not waited for: one that lags behind still says
    /// something true. For the same reason a note that cannot be written fails no save.
    pub(super) fn rise(&mut self) {
        if let Err(error) = self.follow() {
            tracing::debug!(%error, "the log's end is not noted");
        }
    }

    fn follow(&mut self) -> io::Result<()> {
        if self.files.is_none() {
            let note = OpenOptions::new().write(true).create(true).truncate(false).open(&self.note)?;
            self.files = Some((File::open(&self.log)?, note));
        }
        let Some((log, note)) = &self.files else { return Ok(()) };
        let mut head = [0; HEAD as usize];
        log.read_exact_at(&mut head, 0)?;
        let Some(head) = Head::parse(&head) else { return Ok(()) };
        if self.followed.salts != head.salts {
            self.followed = Place { salts: head.salts, frames: 0 };
        }
        let mut frame = [0; FRAME_HEAD];
        for number in self.followed.frames.. {
            let there = log.read_exact_at(&mut frame, head.offset(number));
            if there.is_err() || frame_salts(&frame) != head.salts {
                break;
            }
            if big_endian(&frame, 4) != Some(0) {
                self.followed.frames = number + 1;
            }
        }
        if self.followed.frames >= MAY_BEGIN_ANEW {
            return self.take_back();
        }
        if self.noted != Some(self.followed) {
            note.write_all_at(&self.followed.to_bytes(), 0)?;
            self.noted = Some(self.followed);
        }
        Ok(())
    }

    /// Makes the note say nothing, before the log is emptied: it waits for the disk, so that no power cut brings back
    /// what it said.
    pub(super) fn fall(&mut self) {
        if let Err(error) = self.take_back() {
            tracing::warn!(%error, "the note of the log's end stays");
        }
    }

    fn take_back(&mut self) -> io::Result<()> {
        if let (Some((_, note)), Some(_)) = (&self.files, self.noted) {
            note.write_all_at(&[0; 16], 0)?;
            note.sync_data()?;
            self.noted = None;
        }
        Ok(())
    }
}

/// True if the log at `path` ends before what was noted: saves that had returned are not in it any more.
pub(super) fn is_missed(path: &Path) -> bool {
    let Some(noted) = Place::read(&with_suffix(path, SUFFIX)) else { return false };
    let whole = File::open(with_suffix(path, "-wal")).and_then(|log| reaches(BufReader::new(log), noted));
    !whole.unwrap_or(false)
}

/// Takes the note at `path` away, once it was held against the log.
///
/// # Errors
/// The operating system's.
pub(super) fn take_away(path: &Path) -> io::Result<()> {
    let note = with_suffix(path, SUFFIX);
    if Place::read(&note).is_some() {
        let file = OpenOptions::new().write(true).truncate(true).open(note)?;
        file.sync_all()?;
    }
    Ok(())
}

/// True if a log holds every frame up to a place as it was written.
fn reaches(mut log: impl Read, place: Place) -> io::Result<bool> {
    let mut head = [0; HEAD as usize];
    log.read_exact(&mut head)?;
    let Some(head) = Head::parse(&head) else { return Ok(false) };
    if head.salts != place.salts {
        return Ok(false);
    }
    let mut sum = head.sum;
    let mut frame = vec![0; FRAME_HEAD + head.page as usize];
    for _ in 0..place.frames {
        log.read_exact(&mut frame)?;
        sum = head.add(head.add(sum, &frame[..8]), &frame[FRAME_HEAD..]);
        let told = [big_endian(&frame, 16), big_endian(&frame, 20)];
        if frame_salts(&frame) != head.salts || told != sum.map(Some) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What a log's head says.
struct Head {
    salts: [u32; 2],
    page: u32,
    sum: [u32; 2],
    /// Checksums read words in this order.
    big_endian: bool,
}

impl Head {
    /// `None` if it is not one, or damaged.
    fn parse(bytes: &[u8; HEAD as usize]) -> Option<Self> {
        const LITTLE: u32 = 0x377f_0682;
        let word = |at| big_endian(bytes, at);
        let magic = word(0)?;
        let page = word(8)?;
        let known = magic & !1 == LITTLE && page.is_power_of_two() && (512..=LARGEST_PAGE).contains(&page);
        let head = Self {
            salts: [word(16)?, word(20)?],
            page,
            sum: [word(24)?, word(28)?],
            big_endian: magic & 1 == 1,
        };
        (known && head.add([0, 0], &bytes[..24]) == head.sum).then_some(head)
    }

    /// Where a frame begins, counted from 0.
    fn offset(&self, frame: u32) -> u64 {
        HEAD + u64::from(frame) * (FRAME_HEAD as u64 + u64::from(self.page))
    }

    /// SQLite's running checksum over whole pairs of words.
    fn add(&self, sum: [u32; 2], bytes: &[u8]) -> [u32; 2] {
        let [mut first, mut second] = sum;
        for pair in bytes.chunks_exact(8) {
            let word = |at: usize| {
                let bytes = [pair[at], pair[at + 1], pair[at + 2], pair[at + 3]];
                if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
            };
            first = first.wrapping_add(word(0)).wrapping_add(second);
            second = second.wrapping_add(word(4)).wrapping_add(first);
        }
        [first, second]
    }
}

fn frame_salts(frame: &[u8]) -> [u32; 2] {
    [8, 12].map(|at| big_endian(frame, at).unwrap_or_default())
}

fn big_endian(bytes: &[u8], at: usize) -> Option<u32> {
    let word = bytes.get(at..at + 4)?;
    Some(u32::from_be_bytes(word.try_into().ok()?))
}
