//! Logging in to the console, being logged in, and leaving.
//!
//! A password is asked for only after the try was counted, so that breaking off saves none; an unknown name costs
//! the same time and the same waits as a known one.

use std::net::IpAddr;
use std::sync::LazyLock;

use argon2::{Algorithm, Argon2, Params, Version};
use gridbook_core::clock::{Instant, Surroundings};
use gridbook_core::id::{DeviceId, PersonId};
use gridbook_core::model::sits_at_console;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use super::{Access, News, Service, secret_hash};
use crate::db::{BackOff, ConsoleSession, Counted};
use crate::error::{Error, Result};

const MINUTE_MS: i64 = 60 * 1_000;
/// A session ends after so long without anybody asking for something.
const IDLE_MS: i64 = 30 * MINUTE_MS;
/// A session ends after so long in any case.
const ABSOLUTE_MS: i64 = 12 * 60 * MINUTE_MS;
/// Seen is written down no more often than this.
const TOUCH_MS: i64 = MINUTE_MS;

/// Of one name from one address: what a person who mistypes needs, and little more.
pub(super) const HERE: BackOff = BackOff { free: 5, first: 30 * 1_000, longest: 15 * MINUTE_MS };
/// Of one name from anywhere, and of one address with any name.
const ANYWHERE: BackOff = BackOff { free: 20, first: 30 * 1_000, longest: 15 * MINUTE_MS };

/// argon2id's memory in KiB, 19 MiB, and its passes: what OWASP advises.
const MEMORY_KIB: u32 = 19 * 1_024;
const PASSES: u32 = 2;
/// Which of these a verifier was made with, should they ever change.
const MADE_WITH: u8 = 1;
const SALT: usize = 16;
/// Characters of a password.
const LENGTH: std::ops::RangeInclusive<usize> = 10..=128;

/// Passwords looked at at the same time; each takes 19 MiB and some 30 ms.
static ROOM: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(4));

/// What became of a login.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum LogIn {
    /// The secret of the new session.
    Done(String),
    /// Name, password or code is wrong, or the person has no part at the console: which of these is not told.
    Wrong,
    /// Too many have failed; none is looked at before this.
    Wait(Instant),
}

/// Who sits at the console, checked for this one request.
#[derive(Clone, Debug)]
pub(crate) struct Seated {
    /// Who.
    pub(crate) person: PersonId,
    /// What they may do.
    pub(crate) access: Access,
    /// The device that the console writes as for them.
    pub(crate) device: DeviceId,
    /// SHA-256 of the session's secret.
    pub(crate) session: [u8; 32],
}

impl Service {
    /// Logs a person in, named by id or by a name that only one person has; `code` is of their second factor, where
    /// they have one.
    pub(crate) async fn log_in(&self, name: &str, password: &str, code: &str, from: IpAddr) -> Result<LogIn> {
        let name = name.trim();
        let address = crate::limits::of_site(from).to_string();
        let both = counted(&["both", name, &address]);
        let (by_name, by_address) = (counted(&["name", name]), counted(&["address", &address]));
        let tries = vec![(both, HERE), (by_name, ANYWHERE), (by_address, ANYWHERE)];
        if let Some(until) = self.db.count_login(tries, self.surroundings.now()).await? {
            return Ok(LogIn::Wait(until));
        }
        let account = match self.named(name).await? {
            Some(person) => self.db.console_account(&person).await?,
            None => None,
        };
        let verifier = account.as_ref().map(|account| account.verifier.clone());
        let right = self.password_is(password, verifier).await?;
        let Some(account) = account.filter(|_| right) else { return Ok(LogIn::Wrong) };
        if !self.access(&account.person).await?.sits_at_console() || self.is_shut(&account.device).await? {
            return Ok(LogIn::Wrong);
        }
        if !self.code_is(&account, code).await? {
            return Ok(LogIn::Wrong);
        }
        self.db.forgive_login(vec![both], vec![by_name, by_address]).await?;
        let secret = data_encoding::BASE32_DNSSEC.encode(&self.surroundings.random::<32>());
        let now = self.surroundings.now();
        let session =
            ConsoleSession { hash: secret_hash(&secret), person: account.person, began: now, seen: now };
        self.db.begin_session(session, now.plus_millis(-ABSOLUTE_MS)).await?;
        Ok(LogIn::Done(secret))
    }

    /// Who holds this session, if it still counts. `asked` says that a person wants something, not a page by itself.
    pub(crate) async fn seated(&self, secret: &str, asked: bool) -> Result<Option<Seated>> {
        self.seated_by(secret_hash(secret), asked).await
    }

    /// [`Service::seated`] by the hash of the secret.
    pub(crate) async fn seated_by(&self, hash: [u8; 32], asked: bool) -> Result<Option<Seated>> {
        let Some(session) = self.db.session(&hash).await? else { return Ok(None) };
        let now = self.surroundings.now();
        if now >= session.seen.plus_millis(IDLE_MS) || now >= session.began.plus_millis(ABSOLUTE_MS) {
            self.db.end_session(&hash).await?;
            return Ok(None);
        }
        let access = self.access(&session.person).await?;
        let account = self.db.console_account(&session.person).await?;
        let Some(account) = account.filter(|_| access.sits_at_console()) else { return Ok(None) };
        if asked && now >= session.seen.plus_millis(TOUCH_MS) {
            self.db.touch_session(&hash, now).await?;
        }
        Ok(Some(Seated { person: session.person, access, device: account.device, session: hash }))
    }

    /// Ends a session.
    pub(crate) async fn leave(&self, hash: &[u8; 32]) -> Result<()> {
        self.db.end_session(hash).await?;
        self.news.tell(News::Left(*hash));
        Ok(())
    }

    async fn named(&self, name: &str) -> Result<Option<PersonId>> {
        let people = self.db.roll().await?.people;
        if people.iter().any(|person| person.id.as_str() == name) {
            return Ok(Some(PersonId::from(name)));
        }
        let mut named = people.into_iter().filter(|person| person.name == name);
        Ok(named.next().filter(|_| named.next().is_none()).map(|person| person.id))
    }

    async fn is_shut(&self, device: &DeviceId) -> Result<bool> {
        Ok(self.db.device(device).await?.is_none_or(|device| device.revoked.is_some()))
    }

    /// Takes the same time whether there is a verifier or not.
    async fn password_is(&self, password: &str, verifier: Option<Vec<u8>>) -> Result<bool> {
        let _room = ROOM.acquire().await.map_err(|_| Error::Database("no room for logins".into()))?;
        let password = Zeroizing::new(password.to_owned());
        let check = move || match verifier.as_deref() {
            Some([MADE_WITH, kept @ ..]) if kept.len() == SALT + 32 => {
                let (salt, kept) = kept.split_at(SALT);
                derive(&password, salt).map(|made| bool::from(made.ct_eq(kept)))
            }
            _ => derive(&password, &[0; SALT]).map(|_| false),
        };
        self.threads.run(check).await?
    }
}

impl Access {
    /// True if some role of the person has work at the console.
    #[must_use]
    pub fn sits_at_console(&self) -> bool {
        self.roles().any(sits_at_console)
    }
}

/// What is kept of a new password.
///
/// # Errors
/// [`Error::Admin`] if it is too short, too long, or made of one character.
pub(crate) fn verifier(password: &str, surroundings: &Surroundings) -> Result<Vec<u8>> {
    let count = password.chars().count();
    let first = password.chars().next();
    if !LENGTH.contains(&count) || password.chars().all(|one| Some(one) == first) {
        return Err(Error::admin("password: 10 to 128 characters, not one character repeated"));
    }
    let salt = surroundings.random::<SALT>();
    let made = derive(password, &salt)?;
    Ok([&[MADE_WITH][..], &salt, &made].concat())
}

fn derive(password: &str, salt: &[u8]) -> Result<[u8; 32]> {
    let failed = |error: argon2::Error| Error::Database(format!("argon2: {error}"));
    let params = Params::new(MEMORY_KIB, PASSES, 1, Some(32)).map_err(failed)?;
    let mut made = [0; 32];
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon.hash_password_into(password.as_bytes(), salt, &mut made).map_err(failed)?;
    Ok(made)
}

pub(super) fn counted(parts: &[&str]) -> Counted {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part.as_bytes());
    }
    digest.finalize().into()
}
