//! A phone of the demo: a real workbook in its own folder, its key in a file beside it, because this machine
//! has no key store.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use gridbook_core::clock::Surroundings;
use gridbook_core::sync::http::HttpServer;
use gridbook_core::workbook::{Key, OpenOptions, SyncReport, Workbook};

use super::founding::Founded;
use crate::error::{Error, Result};
use crate::server::Server;

/// Nothing listens there: a request fails as it does in a basement.
const NOWHERE: &str = "http://127.0.0.1:9";

/// A phone and whose it is.
pub(super) struct Phone {
    /// Its owner's name.
    pub(super) name: String,
    /// What it holds.
    pub(super) workbook: Workbook,
    url: String,
}

impl Phone {
    /// Opens the phone of a person, and enrols it if it is new.
    pub(super) async fn of(
        server: &Server,
        founded: &Founded,
        key: &str,
        folder: &Path,
        url: &str,
    ) -> Result<Self> {
        let surroundings = Surroundings::system();
        let folder = folder.join(key);
        let secret = folder.join("key");
        fs::create_dir_all(&folder).map_err(|source| Error::File { path: folder.clone(), source })?;
        if !secret.exists() {
            write_private(&secret, &surroundings.random::<32>())?;
        }
        let bytes = fs::read(&secret).map_err(|source| Error::File { path: secret.clone(), source })?;
        let bytes = <[u8; 32]>::try_from(bytes)
            .map_err(|_| Error::admin(format!("{} holds no key of 32 bytes", secret.display())))?;
        let opened = Workbook::open(OpenOptions {
            path: &folder.join("workbook.db"),
            key: &Key::new(bytes),
            install_nonce: None,
            surroundings: surroundings.clone(),
        })?;
        let phone =
            Self { name: founded.name(key).to_owned(), workbook: opened.workbook, url: url.to_owned() };
        if phone.workbook.enrolment().is_none() {
            let invitation = server.admin().invite(founded.person(key)?, 1).await?;
            let end = HttpServer::new(url, None, surroundings)?;
            let label = format!("{}的手机", phone.name);
            phone.workbook.enrol(&end, url, &invitation.secret, &label).await?;
        }
        Ok(phone)
    }

    /// One exchange over HTTP.
    pub(super) async fn sync(&self) -> Result<SyncReport> {
        self.exchange(&self.url).await
    }

    /// Tries an exchange where there is no network; returns what the phone says.
    pub(super) async fn sync_nowhere(&self) -> Result<gridbook_core::Error> {
        match self.exchange(NOWHERE).await {
            Err(Error::Core(error)) => Ok(error),
            Err(error) => Err(error),
            Ok(_) => Err(Error::admin(format!("{NOWHERE} answered; the demo needs a port that is closed"))),
        }
    }

    async fn exchange(&self, url: &str) -> Result<SyncReport> {
        let enrolment = self.workbook.enrolment().ok_or(gridbook_core::Error::NotEnrolled)?;
        let device = Some((enrolment.device, self.workbook.signer()));
        let end = HttpServer::new(url, device, Surroundings::system())?;
        Ok(self.workbook.sync(&end, |_| {}).await?)
    }
}

/// Writes a file that only its owner may read.
pub(super) fn write_private(file: &Path, bytes: &[u8]) -> Result<()> {
    let failed = |source| Error::File { path: PathBuf::from(file), source };
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(file).map_err(failed)?;
    file.write_all(bytes).map_err(failed)
}
