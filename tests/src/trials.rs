//! A disk that fails or fills up at every single call of some steps, once and for good: each call a trial in a folder of
//! its own, on all cores. `tests/tests/disk.rs` tries a phone's day, `tests/tests/server_disk.rs` a server's.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use gridbook_faulty_disk::Fault;
use tokio::runtime::{Builder, Runtime};

use crate::seeds::Seeds;

/// One call of one step that fails.
#[derive(Clone, Copy, Debug)]
pub struct Trial<S> {
    /// What is being done.
    pub step: S,
    /// How the disk fails.
    pub fault: Fault,
    /// At which call, from 0.
    pub at: u64,
    /// Whether every later call fails as well.
    pub lasting: bool,
}

/// What became of the trials.
#[derive(Debug)]
pub struct Ends<S> {
    /// How many calls of each step were made to fail, both ways.
    pub tried: Vec<(S, usize)>,
    /// How the step ended, "fine" or its error, and how often.
    pub ends: BTreeMap<(String, String), usize>,
    /// How many trials went wrong; each has said how.
    pub failed: u64,
}

/// Runs every trial of `steps` below `folder`. `calls` does a step on a good disk and says how many calls it makes; `run`
/// does it on a bad one, panics where a promise was broken, and gives the error that the step ended with.
pub fn every<S, C, R>(steps: &[S], folder: &Path, calls: C, run: R) -> Ends<S>
where
    S: Copy + Debug + Sync,
    C: Fn(S, Fault, &Path, &Runtime) -> u64,
    R: Fn(Trial<S>, &Path, &Runtime) -> Option<String> + Sync,
{
    let runtime = || Builder::new_current_thread().build().unwrap_or_else(|error| panic!("{error}"));
    let (mut trials, mut tried) = (Vec::new(), Vec::new());
    for &step in steps {
        let before = trials.len();
        for fault in [Fault::Io, Fault::Full] {
            for at in 0..calls(step, fault, &folder.join("count"), &runtime()) {
                trials.extend([false, true].map(|lasting| Trial { step, fault, at, lasting }));
            }
        }
        tried.push((step, trials.len() - before));
    }
    let ends: Mutex<BTreeMap<(String, String), usize>> = Mutex::default();
    let failed = Seeds { first: 0, count: trials.len() as u64 }.count_failed(
        |worker| (runtime(), folder.join(format!("trial-{worker}"))),
        |(runtime, folder), number| {
            // What a trial left that went wrong.
            let _ = std::fs::remove_dir_all(&*folder);
            let trial = usize::try_from(number).map(|number| trials[number]);
            let trial = trial.unwrap_or_else(|error| panic!("{error}"));
            let end = run(trial, folder, runtime).unwrap_or_else(|| "fine".to_owned());
            let mut ends = ends.lock().unwrap_or_else(PoisonError::into_inner);
            *ends.entry((format!("{:?} {:?}", trial.step, trial.fault), end)).or_default() += 1;
        },
    );
    let ends = ends.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ends { tried, ends, failed }
}

impl<S: Debug> Ends<S> {
    /// Fails unless every trial kept every promise, and at least `least` calls were made to fail.
    ///
    /// # Panics
    /// Then.
    pub fn check(&self, least: usize) {
        let trials: usize = self.tried.iter().map(|(_, tried)| tried).sum();
        assert_eq!(self.failed, 0, "trials went wrong; each says above how");
        assert!(trials >= least, "only {trials} calls failed");
        for (step, tried) in &self.tried {
            assert!(*tried >= 4, "{step:?} was tried {tried} times");
        }
    }

    /// True if some trial of `step` ended with an error.
    pub fn broke(&self, step: &S) -> bool {
        let name = format!("{step:?} ");
        self.ends.keys().any(|(trial, end)| trial.starts_with(&name) && end != "fine")
    }

    /// What the ends were, a line each.
    pub fn told(&self) -> String {
        self.ends.iter().map(|((trial, end), times)| format!("{times:5} {trial} {end}\n")).collect()
    }
}
