//! Where the network is waited for: a small runtime of this library's own, so that neither SQLite nor a handshake
//! ever runs on the thread of the caller, which may be the one that draws.
//!
//! Whoever drops the future stops the work at its next await: Kotlin does so when a coroutine is cancelled. A
//! Swift task's cancel never gets here, so there is [`crate::ExchangeHandle::cancel`] as well. Both are safe:
//! the core commits page by page.

use std::future::Future;
use std::sync::{Mutex, OnceLock, PoisonError};

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

use crate::call::{Crossing, call, panicked};
use crate::error::GridbookError;

/// One thread waits for the network while the other stores.
const THREADS: usize = 2;

static RUNTIME: OnceLock<Runtime> = OnceLock::new();
/// Held while it is built: a second one could not be dropped where a caller awaits.
static BUILDING: Mutex<()> = Mutex::new(());

fn runtime() -> Crossing<&'static Runtime> {
    let _building = BUILDING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime);
    }
    let built =
        Builder::new_multi_thread().worker_threads(THREADS).thread_name("gridbook").enable_all().build();
    let built = built.map_err(|error| {
        tracing::error!(%error, "no threads for the network");
        GridbookError::unexpected("threads")
    })?;
    Ok(RUNTIME.get_or_init(|| built))
}

/// A task that ends with whoever waits for it.
struct Leashed<T>(JoinHandle<T>);

impl<T> Drop for Leashed<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Runs the work that `begin` makes on this library's threads.
pub(crate) async fn elsewhere<T: Send + 'static, W: Future<Output = Crossing<T>> + Send + 'static>(
    begin: impl FnOnce() -> W,
) -> Crossing<T> {
    let mut task = call(|| Ok::<_, GridbookError>(Leashed(runtime()?.spawn(begin()))))?;
    match (&mut task.0).await {
        Ok(result) => result,
        Err(ended) => match ended.try_into_panic() {
            Ok(panic) => Err(panicked(&*panic)),
            Err(_) => Err(GridbookError::Cancelled),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_elsewhere_crosses_as_an_error_whether_it_begins_or_runs() {
        let runs = elsewhere(|| async { panic!("on its way") });
        let begins = elsewhere(|| -> std::future::Ready<Crossing<()>> { panic!("before it") });
        for crossed in [runs.await, begins.await] {
            assert_eq!(crossed, Err(GridbookError::unexpected("panic")));
        }
        assert_eq!(elsewhere(|| async { Ok(7) }).await, Ok(7));
    }
}
