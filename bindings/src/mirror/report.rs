//! What an import or an opening tells.

use super::{RecordId, Rule};

/// One cell of a roster that cannot be used.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct RosterProblem {
    /// The line as the spreadsheet shows it.
    pub line: u64,
    /// The column as the file's header writes it.
    pub column: String,
    /// The rule that the cell breaks.
    pub rule: Rule,
}

/// What an import did: either everything, or nothing and a problem a line.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct ImportReport {
    /// Households imported.
    pub imported: u64,
    /// Lines whose dwelling is in the grid already; what is there was left as it is.
    pub known: Vec<u64>,
    /// Why nothing was.
    pub problems: Vec<RosterProblem>,
    /// Columns that mean nothing to Gridbook and were passed over.
    pub ignored: Vec<String>,
}

impl From<gridbook_core::workbook::ImportReport> for ImportReport {
    fn from(report: gridbook_core::workbook::ImportReport) -> Self {
        let gridbook_core::workbook::ImportReport { imported, known, problems, ignored } = report;
        let known = known.into_iter().map(|line| line as u64).collect();
        let problems = problems.into_iter().map(|gridbook_core::roster::Problem { line, column, rule }| {
            RosterProblem { line: line as u64, column, rule: rule.into() }
        });
        Self { imported: imported as u64, known, problems: problems.collect(), ignored }
    }
}

/// What could be saved of a damaged database.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct SalvageReport {
    /// The damaged file's path; it is never deleted.
    pub aside: String,
    /// Records that could be rebuilt.
    pub records: Vec<RecordId>,
    /// Changes that had not been sent and were saved.
    pub unsent: u64,
    /// Records with a change that had not been sent and could not be saved: for the worker to look through.
    pub unsaved: Vec<RecordId>,
    /// Drafts that were saved.
    pub drafts: u64,
    /// Stored changes that could not be read or rebuilt; the server sends again what it has.
    pub lost: u64,
}

impl From<gridbook_core::workbook::SalvageReport> for SalvageReport {
    fn from(report: gridbook_core::workbook::SalvageReport) -> Self {
        let gridbook_core::workbook::SalvageReport { aside, records, unsent, unsaved, drafts, lost } = report;
        Self { aside: aside.display().to_string(), records, unsent, unsaved, drafts, lost }
    }
}
