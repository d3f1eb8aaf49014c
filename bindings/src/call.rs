//! How a call crosses the bridge: what fails becomes a [`GridbookError`], and so does what panics. uniffi would
//! catch a panic too, but as an error that no screen knows, and in Swift, where a function does not throw, as the end
//! of the app: so every export returns a [`Crossing`], and its whole body is one call of [`call`],
//! [`crate::WorkbookHandle::with`] or [`crate::exchange::elsewhere`]. `tests/tests/bridge.rs` holds them to it.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::GridbookError;

/// What a call across the bridge returns.
pub(crate) type Crossing<T> = Result<T, GridbookError>;

/// Runs `work`. What it shares with others is behind locks that forgive a panic, and what it was writing is rolled
/// back, so the objects stay usable.
pub(crate) fn call<T, E: Into<GridbookError>>(work: impl FnOnce() -> Result<T, E>) -> Crossing<T> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result.map_err(Into::into),
        Err(panic) => Err(panicked(&*panic)),
    }
}

/// Tells a listener of the app, whose failure crosses back as a panic. It is the app's own matter: what the listener
/// hears of is committed, and whoever asked for it is told so.
pub(crate) fn tell(listener: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(listener)).is_err() {
        tracing::warn!("a listener of the app failed");
    }
}

/// A panic's own words are not passed on, nor logged: they may quote what was being worked on.
pub(crate) fn panicked(panic: &(dyn Any + Send)) -> GridbookError {
    tracing::error!(formatted = panic.is::<String>(), "a call of the bridge panicked");
    GridbookError::unexpected("panic")
}

#[cfg(test)]
mod tests {
    use super::*;
    use gridbook_core::Error;

    #[test]
    fn a_panic_crosses_as_an_error_and_says_nothing_of_its_content() {
        let resident = "13800000000";
        let crossed = call(|| -> Result<(), Error> { panic!("at {resident}") });
        assert_eq!(crossed, Err(GridbookError::unexpected("panic")));
    }
}
