//! A second factor for the console: codes of an authenticator app (RFC 6238), for who wants one.
//!
//! Its secret lies in the database sealed with a key that lies beside it in a file of its own, so that a copy of the
//! database alone gives no codes. A code counts once.

use std::fs;
use std::io::{ErrorKind, Write};
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use gridbook_core::clock::Instant;
use gridbook_core::id::PersonId;
use gridbook_core::sync::protocol::FailureCode;
use totp_rs::{Builder, Totp};
use zeroize::Zeroizing;

use super::console::{HERE, counted};
use super::{Seated, Service};
use crate::db::{ConsoleAccount, Decided, Edit};
use crate::error::{Error, Result};

/// The file of the key, in the data folder.
pub(crate) const KEY_FILE: &str = "second-factor.key";
/// Bytes of a secret, as RFC 4226 asks for.
const SECRET: usize = 20;
const NONCE: usize = 12;
/// What an authenticator app lists the code under, before the person's name.
const ISSUER: &str = "Gridbook";

/// A secret that nobody has confirmed yet.
pub(crate) struct NewFactor {
    /// The secret as people type it, in base 32.
    pub(crate) secret: String,
    /// What an authenticator app reads.
    pub(crate) address: String,
}

/// What became of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coded {
    /// It was right.
    Right,
    /// It was not, or it had been used.
    Wrong,
    /// Too many were wrong; none is looked at before this.
    Wait(Instant),
}

impl Service {
    /// The same service, with the key of second factors in this folder.
    #[must_use]
    pub(crate) fn keeping_keys_in(mut self, folder: &Path) -> Self {
        self.factor_key = Some(Arc::from(folder.join(KEY_FILE)));
        self
    }

    /// True if the person logs in with a code.
    pub(crate) async fn has_second_factor(&self, seated: &Seated) -> Result<bool> {
        let account = self.db.console_account(&seated.person).await?;
        Ok(account.is_some_and(|account| account.factor.is_some()))
    }

    /// A new secret for an authenticator app that lists it under `name`; nothing is kept of it yet.
    pub(crate) fn new_factor(&self, name: &str) -> NewFactor {
        let secret = data_encoding::BASE32_NOPAD.encode(&self.surroundings.random::<SECRET>());
        let name: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
        let name = name.replace('+', "%20");
        let address = format!("otpauth://totp/{ISSUER}:{name}?secret={secret}&issuer={ISSUER}");
        NewFactor { secret, address }
    }

    /// Asks for codes of this secret from the next login on, once `code` shows that an app has it. The code counts as
    /// used.
    ///
    /// # Errors
    /// [`Error::Refused`] with `bad_request` for what is no secret or where a factor is set already, and
    /// [`Error::File`] if its key cannot be kept.
    pub(crate) async fn set_second_factor(&self, seated: &Seated, secret: &str, code: &str) -> Result<Coded> {
        if self.has_second_factor(seated).await? {
            return Err(Error::refused(
                FailureCode::BadRequest,
                "second factor: there is one; remove it first",
            ));
        }
        let bytes = data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).map(Zeroizing::new);
        let bytes = bytes.ok().filter(|bytes| bytes.len() == SECRET);
        let bytes =
            bytes.ok_or_else(|| Error::refused(FailureCode::BadRequest, "secret: as it was shown"))?;
        let Some(step) = step_of(&bytes, code, self.surroundings.now())? else { return Ok(Coded::Wrong) };
        let sealed = self.seal_factor(&seated.person, &bytes)?;
        let edit = Edit::SetFactor(seated.person.clone(), sealed, step);
        let by = Decided { who: seated.person.clone(), access: seated.access.version() };
        self.db.edit_by(vec![edit], by, self.surroundings.now()).await?;
        Ok(Coded::Right)
    }

    /// Asks for no codes any more, once a right one was given. Wrong ones count as wrong logins do.
    ///
    /// # Errors
    /// Only what the database says.
    pub(crate) async fn remove_second_factor(
        &self,
        seated: &Seated,
        code: &str,
        from: IpAddr,
    ) -> Result<Coded> {
        let address = crate::limits::of_site(from).to_string();
        let tries = counted(&["factor", seated.person.as_str(), &address]);
        if let Some(until) = self.db.count_login(vec![(tries, HERE)], self.surroundings.now()).await? {
            return Ok(Coded::Wait(until));
        }
        let account = self.db.console_account(&seated.person).await?;
        let Some(account) = account else { return Ok(Coded::Wrong) };
        if !self.code_is(&account, code).await? {
            return Ok(Coded::Wrong);
        }
        self.db.forgive_login(vec![tries], Vec::new()).await?;
        let by = Decided { who: seated.person.clone(), access: seated.access.version() };
        let edit = Edit::RemoveFactor(seated.person.clone());
        self.db.edit_by(vec![edit], by, self.surroundings.now()).await?;
        Ok(Coded::Right)
    }

    /// True if the account asks for no code, or this one is right and was not used before: it counts as used now.
    pub(super) async fn code_is(&self, account: &ConsoleAccount, code: &str) -> Result<bool> {
        let Some(sealed) = &account.factor else { return Ok(true) };
        let secret = self.open_factor(&account.person, sealed)?;
        match step_of(&secret, code, self.surroundings.now())? {
            Some(step) => self.db.use_code(&account.person, step).await,
            None => Ok(false),
        }
    }

    fn seal_factor(&self, person: &PersonId, secret: &[u8]) -> Result<Vec<u8>> {
        let nonce = self.surroundings.random::<NONCE>();
        let payload = Payload { msg: secret, aad: person.as_str().as_bytes() };
        let sealed = self.factor_cipher(true)?.encrypt(&Nonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| Error::Database("second factor: not sealed".into()))?;
        Ok([&nonce[..], &sealed].concat())
    }

    fn open_factor(&self, person: &PersonId, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let unreadable = || {
            let what = "second factor: its key is not the one it was sealed with; put second-factor.key back, or take \
                        the factor away with console-password --remove-second-factor";
            Error::Database(what.into())
        };
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE>().ok_or_else(unreadable)?;
        let payload = Payload { msg: sealed, aad: person.as_str().as_bytes() };
        let opened = self.factor_cipher(false)?.decrypt(&Nonce::from(*nonce), payload);
        opened.map(Zeroizing::new).map_err(|_| unreadable())
    }

    /// The cipher of the key beside the database; `make` makes the key where there is none.
    fn factor_cipher(&self, make: bool) -> Result<ChaCha20Poly1305> {
        let file = self.factor_key.as_deref();
        let file = file.ok_or_else(|| Error::Database("second factor: this server keeps no keys".into()))?;
        let failed = |source| Error::File { path: file.to_owned(), source };
        if make && !file.exists() {
            let key = Zeroizing::new(self.surroundings.random::<32>());
            match write_private(file, &*key) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                written => written.map_err(failed)?,
            }
        }
        let bytes = fs::read(file).map(Zeroizing::new).map_err(failed)?;
        let key: Result<[u8; 32], _> = bytes.as_slice().try_into();
        let key = key.map_err(|_| failed(std::io::Error::other("it is no key of 32 bytes")))?;
        Ok(ChaCha20Poly1305::new(&Key::from(key)))
    }
}

/// The step of 30 seconds in which the code is right: this one, the one before or the one after.
fn step_of(secret: &[u8], code: &str, now: Instant) -> Result<Option<u64>> {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let seconds = u64::try_from(now.0 / 1_000).unwrap_or(0);
    let totp: Result<Totp, _> = Builder::new().with_secret(secret).build();
    let totp = totp.map_err(|error| Error::Database(format!("second factor: {error}")))?;
    Ok(Some(code).filter(|code| code.len() == 6).and_then(|code| totp.check(&code, seconds)))
}

/// Writes a new file that only its owner may read.
fn write_private(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(file)?;
    file.write_all(bytes)?;
    file.sync_all()
}
