//! `review`: a lead's mark and note on one record.

use clap::Args;

use crate::failure::Failure;
use crate::phone::Phone;
use crate::print::Output;

#[derive(Args)]
pub(crate) struct Review {
    /// The record's id
    record: String,
    /// seen 已阅, returned 退回 or approved 通过
    mark: String,
    /// What to say; a return needs it
    #[arg(long, default_value = "")]
    note: String,
}

impl Review {
    pub(crate) fn run(self, phone: &Phone) -> Result<Output, Failure> {
        let subject = phone.id(&self.record)?;
        let mark = phone.coded("review_mark", &self.mark)?;
        let mark = mark.ok_or_else(|| Failure::input("no_mark", &[]))?;
        Ok(phone.saved(&phone.workbook.reviews().mark(subject, mark, &self.note)?))
    }
}
