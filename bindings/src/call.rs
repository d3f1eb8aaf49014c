//! How a call crosses the bridge: what fails becomes a [`GridbookError`], and so does what panics. uniffi would
//! catch a panic too, but as an error that no screen knows, and in Swift, where a function does not throw, as the end
//! of the app: so every call that does something goes through here.

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

/// A panic's own words are not passed on: they may quote what was being worked on.
pub(crate) fn panicked(panic: &(dyn Any + Send)) -> GridbookError {
    let kind = if panic.is::<String>() { "formatted" } else { "plain" };
    GridbookError::unexpected("panic", kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use gridbook_core::Error;

    #[test]
    fn a_panic_crosses_as_an_error_and_says_nothing_of_its_content() {
        let resident = "13800000000";
        let crossed = call(|| -> Result<(), Error> { panic!("at {resident}") });
        let Err(GridbookError::Unexpected { code, detail }) = crossed else { panic!("{crossed:?}") };
        assert_eq!(code, "panic");
        assert!(!detail.contains(resident));
    }
}
