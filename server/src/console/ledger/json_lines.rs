//! Records as JSON, an object a line, each as the API shows it alone. Who takes them away is a program, so nothing is
//! escaped for spreadsheets.

use std::fs::File;
use std::io::{BufWriter, Seek, Write};

use super::{failed, unnamed};
use crate::error::{Error, Result};
use crate::service::RecordView;

/// A file of lines that is being written.
pub(super) struct JsonLines(BufWriter<File>);

impl JsonLines {
    pub(super) fn begin() -> Result<Self> {
        Ok(Self(BufWriter::new(unnamed()?)))
    }

    pub(super) fn add(&mut self, records: &[RecordView]) -> Result<()> {
        for record in records {
            serde_json::to_writer(&mut self.0, record).map_err(unwritable)?;
            self.0.write_all(b"\n").map_err(failed)?;
        }
        Ok(())
    }

    pub(super) fn end(self) -> Result<File> {
        let mut file = self.0.into_inner().map_err(|error| failed(error.into_error()))?;
        file.rewind().map_err(failed)?;
        Ok(file)
    }
}

fn unwritable(error: serde_json::Error) -> Error {
    Error::Database(format!("lines: {error}"))
}
