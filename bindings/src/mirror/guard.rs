//! How a phone stands before it is opened.

use std::time::Duration;

pub use gridbook_core::workbook::Lock;

/// Why a phone is locked.
pub type LockReason = Lock;

/// Why a phone is locked; words are under `lock`.
#[uniffi::remote(Enum)]
pub enum LockReason {
    /// Too long without contact; the next contact renews.
    Lease,
    /// Too many wrong PINs; the administrator must release the phone.
    Pin,
}

/// How a phone stands before it is opened.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct GuardStatus {
    /// Why it is locked, if it is.
    pub lock: Option<LockReason>,
    /// It was revoked and holds nothing any more.
    pub wiped: bool,
    /// A PIN is asked for.
    pub pin: bool,
    /// Wrong PINs that are left.
    pub tries_left: u8,
    /// Time without contact until it locks; none before the first contact.
    pub lease_left: Option<Duration>,
}

impl From<gridbook_core::workbook::GuardStatus> for GuardStatus {
    fn from(status: gridbook_core::workbook::GuardStatus) -> Self {
        let gridbook_core::workbook::GuardStatus { lock, wiped, pin, tries_left, lease_left } = status;
        let lease_left = lease_left.map(|millis| Duration::from_millis(u64::try_from(millis).unwrap_or(0)));
        Self { lock, wiped, pin, tries_left, lease_left }
    }
}
