//! What locks a phone and what opens it again. Locking destroys the database's key on the phone; a copy, sealed
//! to the server beforehand, stays in the vault as escrow, and only the server can give the key back.

use crate::model::Rule;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::guard::{DatabaseKey, Desk, Guard, Kept, State, exactly};
use crate::clock::{Instant, Surroundings};
use crate::error::{Error, Result};
use crate::id::BoxKey;
use crate::sync::escrow::{self, Reason};
use crate::sync::protocol::{ASK_BYTES, SyncProtocol, Terms, UnlockRequest, VERSION};
use crate::sync::sealing;
use crate::vault::{Meter, WrappingKey};

/// Wrong PINs until the phone locks.
pub(super) const TRIES: u8 = 10;
/// Wrong PINs that cost no wait.
const FREE_TRIES: u8 = 3;
/// The wait after the first wrong PIN that costs one, in milliseconds; each further one doubles it.
const FIRST_WAIT_MS: i64 = 15_000;
/// The longest wait, in milliseconds: an hour.
const LONGEST_WAIT_MS: i64 = 60 * 60 * 1_000;
/// How often the meter is written down while the workbook is in use, in milliseconds: five minutes.
const NOTE_MS: i64 = 5 * 60 * 1_000;
const HOUR_MS: i64 = 60 * 60 * 1_000;

/// Why a phone is locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lock {
    /// Too long without contact; the next contact renews.
    Lease,
    /// Too many wrong PINs; the administrator must release the phone.
    Pin,
}

impl Lock {
    pub(super) fn error(self) -> Error {
        match self {
            Lock::Lease => Error::LeaseOver,
            Lock::Pin => Error::PinLocked,
        }
    }
}

/// The time that the phone may keep its data open.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Lease {
    hours: u32,
    /// The server's time at the last contact.
    at: Instant,
    meter: Meter,
    /// What the meter showed when it was last written down.
    noted: i64,
}

impl Lease {
    /// Milliseconds that are left.
    pub(super) fn left(&mut self, surroundings: &Surroundings) -> i64 {
        (i64::from(self.hours) * HOUR_MS).saturating_sub(self.meter.at_most(surroundings))
    }
}

/// The database's key, sealed to the server, once for each reason that may lock the phone.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Escrow {
    to: Option<BoxKey>,
    lease: Option<Vec<u8>>,
    pin: Option<Vec<u8>>,
}

impl Escrow {
    fn new(key: &[u8; 32], desk: &Desk, to: BoxKey, surroundings: &Surroundings) -> Result<Self> {
        let seal = |why| escrow::seal(key, why, &to, &desk.device, surroundings).map(Some);
        Ok(Self { to: Some(to), lease: seal(Reason::Lease)?, pin: seal(Reason::Pin)? })
    }

    fn get(&self, lock: Lock) -> Option<&Vec<u8>> {
        match lock {
            Lock::Lease => self.lease.as_ref(),
            Lock::Pin => self.pin.as_ref(),
        }
    }
}

impl Guard {
    /// Notes a contact of the workbook that `key` opens: the terms are signed, so the lease begins anew. Terms that answer no
    /// question of this very contact must be later than the last, or they could be shown again.
    pub(super) fn contact(&self, key: &DatabaseKey, desk: Desk, terms: &Terms, asked: bool) -> Result<()> {
        let mut state = self.state();
        // An exchange that was under way when it locked renews nothing.
        if state.wiped || state.lock.is_some() {
            return Ok(());
        }
        if state.escrow.to != Some(terms.sealing) || state.desk.as_ref() != Some(&desk) {
            state.escrow = Escrow::new(key, &desk, terms.sealing, &self.surroundings)?;
        }
        state.desk = Some(desk);
        if asked || state.lease.as_ref().is_none_or(|lease| terms.at > lease.at) {
            self.renew(&mut state, terms);
        }
        self.save(&state)
    }

    /// Begins the lease anew, whatever the server's clock shows: it may have been put right since.
    fn renew(&self, state: &mut State, terms: &Terms) {
        let meter = Meter::start(&self.surroundings);
        state.lease = Some(Lease { hours: terms.lease_hours, at: terms.at, meter, noted: 0 });
    }

    /// Writes down what the meter shows.
    pub(super) fn note(&self) -> Result<()> {
        let mut state = self.state();
        let Some(lease) = state.lease.as_mut() else { return Ok(()) };
        lease.noted = i64::from(lease.hours) * HOUR_MS - lease.left(&self.surroundings);
        self.save(&state)
    }

    /// Looks at the lease before the open workbook is used.
    pub(super) fn look(&self) -> Result<()> {
        let mut state = self.state();
        if let Some(lock) = state.lock {
            return Err(lock.error());
        }
        let Some(lease) = state.lease.as_mut() else { return Ok(()) };
        let left = lease.left(&self.surroundings);
        if left <= 0 {
            self.lock(&mut state, Lock::Lease)?;
            return Err(Error::LeaseOver);
        }
        let spent = i64::from(lease.hours) * HOUR_MS - left;
        if spent - lease.noted >= NOTE_MS {
            lease.noted = spent;
            self.save(&state)?;
        }
        Ok(())
    }

    /// Destroys the key on this phone. Without an escrow nobody could give it back, so then it stays.
    pub(super) fn lock(&self, state: &mut State, lock: Lock) -> Result<()> {
        if state.escrow.get(lock).is_none() {
            return Ok(());
        }
        state.lock = Some(lock);
        state.kept = None;
        if lock == Lock::Pin {
            // What opens without the administrator's release must not lie about.
            state.escrow.lease = None;
        }
        self.forget_key();
        self.save(state)?;
        tracing::warn!(?lock, "phone locked");
        Ok(())
    }

    /// Checks a PIN. It is counted as wrong before it is looked at, so that killing the app saves no try.
    pub(super) fn try_pin(&self, text: &str) -> Result<WrappingKey> {
        let mut state = self.state();
        let Some(pin) = state.pin.clone() else { return Err(Error::BadPin(Rule::PinNotSet)) };
        let wait = wait_after(state.tries);
        let waited = state.since_try.as_mut().map_or(i64::MAX, |meter| meter.at_least(&self.surroundings));
        if waited < wait {
            let seconds = u64::try_from((wait - waited).div_euclid(1_000) + 1).unwrap_or(1);
            return Err(Error::PinWait { seconds });
        }
        state.tries = state.tries.saturating_add(1);
        state.since_try = Some(Meter::start(&self.surroundings));
        self.save(&state)?;
        if let Some(key) = pin.check(text)? {
            state.tries = 0;
            state.since_try = None;
            self.save(&state)?;
            return Ok(key);
        }
        if state.tries >= TRIES {
            self.lock(&mut state, Lock::Pin)?;
            if state.lock == Some(Lock::Pin) {
                return Err(Error::PinLocked);
            }
        }
        Err(Error::PinWrong { left: TRIES.saturating_sub(state.tries) })
    }

    /// Asks the server for the key of a locked phone. After a lease the PIN, if there is one, must be right; after
    /// too many wrong ones the administrator must have released the phone, and the PIN is forgotten.
    ///
    /// # Errors
    /// [`Error::Offline`]; [`Error::Revoked`], until the administrator releases the phone so far that it can hand in
    /// what it had not sent; [`Error::Refused`] with `not_released`; [`Error::PinNeeded`] and the
    /// other errors of a PIN. The phone stays locked, and nothing is lost.
    pub async fn unlock<P: SyncProtocol>(&self, protocol: &P, pin: Option<&str>) -> Result<()> {
        let Some(lock) = self.status()?.lock else { return Ok(()) };
        let wrapping = match lock {
            Lock::Lease if self.state().pin.is_some() => Some(self.try_pin(pin.ok_or(Error::PinNeeded)?)?),
            _ => None,
        };
        let (desk, escrow) = {
            let state = self.state();
            (state.desk.clone().ok_or(Error::NotEnrolled)?, state.escrow.get(lock).cloned())
        };
        let reply = Zeroizing::new(self.surroundings.random::<32>());
        let ask = self.surroundings.random::<ASK_BYTES>();
        let request = UnlockRequest {
            protocol: VERSION,
            escrow: escrow.ok_or(Error::NotEnrolled)?,
            reply: sealing::public_key(&reply),
            ask: ask.to_vec(),
        };
        let answer = protocol.unlock(request).await?;
        if !answer.terms.hold(&desk.signing, &self.signer()?.key(), &ask) {
            return Err(Error::Protocol("the terms are not signed by the server".into()));
        }
        let database = exactly::<32>(&escrow::receive(&reply, &desk.device, &answer.sealed)?)?;
        let kept = match &wrapping {
            Some(wrapping) => wrapping.wrap(&*database, &self.surroundings)?,
            None => database.to_vec(),
        };
        let mut state = self.state();
        state.kept = Some(Kept(kept));
        state.lock = None;
        state.tries = 0;
        state.since_try = None;
        if lock == Lock::Pin {
            state.pin = None;
        }
        state.escrow = Escrow::new(&database, &desk, answer.terms.sealing, &self.surroundings)?;
        self.renew(&mut state, &answer.terms);
        self.save(&state)
    }
}

/// Milliseconds to wait after so many wrong PINs.
fn wait_after(tries: u8) -> i64 {
    let costly = tries.saturating_sub(FREE_TRIES);
    if costly == 0 { 0 } else { (FIRST_WAIT_MS << u32::from(costly - 1).min(20)).min(LONGEST_WAIT_MS) }
}
