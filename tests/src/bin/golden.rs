//! Writes the golden database of the present schema, and one of a schema that is newer than any, unless they are
//! there already.

#![allow(clippy::print_stderr, reason = "a command speaks to the one who runs it")]

use gridbook_core::Error;
use gridbook_tests::golden;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    golden::write_newer().await?;
    let target = golden::path(gridbook_core::store::SCHEMA_VERSION);
    if target.exists() {
        eprintln!("{} is there already; a released schema's database is never replaced", target.display());
        return Ok(());
    }
    let folder = tempfile::tempdir().map_err(|source| Error::File { path: target.clone(), source })?;
    let fresh = folder.path().join("golden.db");
    golden::write(&fresh).await?;
    std::fs::copy(&fresh, &target).map_err(|source| Error::File { path: target.clone(), source })?;
    eprintln!("wrote {}", target.display());
    Ok(())
}
