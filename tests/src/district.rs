//! A server without a network and phones of one worker that can be copied: what the tests of failing disks
//! start every trial from.

use std::path::{Path, PathBuf};

use gridbook_core::clock::Surroundings;
use gridbook_core::id::{DeviceId, ScopeId};
use gridbook_core::model::{Role, ScopeKind};
use gridbook_core::workbook::{Key, New, OpenOptions, Opened, SyncReport, Workbook};
use gridbook_core::{Error, Result};
use gridbook_server::{ForDevice, Server};

use crate::simulation::template;
use crate::town::KEY;

/// A community with one grid, on the caller's thread.
pub struct District {
    /// The server.
    pub server: Server,
    /// The grid.
    pub grid: ScopeId,
    /// The task group 安全防范.
    pub group: ScopeId,
    people: u32,
}

impl District {
    /// Founds it; the server's data lies in `data`.
    ///
    /// # Errors
    /// The server's.
    pub async fn found(data: &Path) -> gridbook_server::Result<Self> {
        let server = Server::open_single_threaded(data, Surroundings::system()).await?;
        let admin = server.admin();
        let community = admin.add_community("虚构社区").await?;
        let grid = admin.add_scope(&community, ScopeKind::Grid, "第一网格").await?;
        let group = admin.find_scope("安全防范").await?.id;
        Ok(Self { server, grid, group, people: 0 })
    }

    /// A new person's phone at `path`, enrolled, with a checklist's template on it once it has synced.
    ///
    /// # Panics
    /// If it cannot be enrolled.
    pub async fn phone(&mut self, path: &Path) -> Workbook {
        let admin = self.server.admin();
        self.people += 1;
        let person = admin.add_person(&format!("测试员{}", self.people)).await.expect("a person");
        for (scope, role) in [(&self.grid, Role::Worker), (&self.group, Role::Lead)] {
            admin.grant(&person, role, scope).await.expect("a grant");
        }
        let invite = admin.invite(&person, 7).await.expect("an invitation").secret;
        let workbook = open(path).expect("it opens").workbook;
        let end = self.server.service().for_device(DeviceId::default());
        workbook.enrol(&end, "here", &invite, "phone").await.expect("enrolment");
        if self.people == 1 {
            workbook.checklists().save_template(New::of(template(&self.group))).expect("a template");
        }
        workbook
    }

    /// The server as this phone reaches it.
    ///
    /// # Errors
    /// If the phone is not enrolled.
    pub fn end(&self, workbook: &Workbook) -> Result<ForDevice> {
        let enrolment = workbook.enrolment().ok_or(Error::NotEnrolled)?;
        Ok(self.server.service().for_device(enrolment.device))
    }

    /// One exchange.
    ///
    /// # Errors
    /// The workbook's.
    pub async fn sync(&self, workbook: &Workbook) -> Result<SyncReport> {
        workbook.sync(&self.end(workbook)?, |_| {}).await
    }
}

/// Opens the phone at `path`, or makes it.
///
/// # Errors
/// The workbook's.
pub fn open(path: &Path) -> Result<Opened> {
    Workbook::open(OpenOptions {
        path,
        key: &Key::new(KEY),
        install_nonce: Some([1; 16]),
        surroundings: Surroundings::system(),
    })
}

/// Copies the files of one folder into another, which is made; shared memory is left behind.
///
/// # Errors
/// The operating system's.
pub fn copy(from: &Path, to: &Path) -> std::io::Result<PathBuf> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        if !entry.file_name().to_string_lossy().ends_with("-shm") {
            std::fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(to.to_owned())
}

/// A folder for many small databases: in memory where the machine has one, for speed.
///
/// # Panics
/// If the machine gives none.
#[must_use]
pub fn scratch() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.or_else(|_| tempfile::tempdir()).expect("a scratch folder")
}
