//! `audit`: who looked at, revealed, exported, granted, took back and erased what.

use clap::{Args, Subcommand};
use serde_json::json;

use super::Context;
use super::context::minute;
use crate::db::{AuditHash, AuditState};
use crate::error::{Error, Result};
use crate::service::AuditView;

/// Read and check the log of who looked at, revealed, exported, granted, took back and erased what.
#[derive(Debug, Args)]
pub(super) struct Audit {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List it, oldest first.
    List {
        /// Only what follows this row.
        #[arg(long, default_value_t = 0, value_name = "NUMBER")]
        after: u64,
        /// At most so many rows.
        #[arg(long, default_value_t = 1_000)]
        limit: usize,
    },
    /// Check that no row was changed, removed, moved, inserted or cut off. Prints the head: write it down
    /// away from this machine, and name it next time.
    Verify {
        /// A head written down earlier, as it was printed.
        #[arg(long, value_name = "NUMBER:HASH", value_parser = head)]
        head: Option<(u64, AuditHash)>,
    },
}

impl Audit {
    pub(super) async fn run(self, context: &Context) -> Result<()> {
        let server = context.open().await?;
        let database = server.service().database();
        match self.what {
            What::List { after, limit } => {
                let zone = server.service().zone();
                let rows = database.audit(after, limit).await?;
                let rows: Vec<_> = rows.into_iter().map(AuditView::from).collect();
                let lines = rows.iter().map(|row| {
                    let who = row.who.as_ref().map_or("command", |who| who.as_str());
                    let ids: Vec<_> = row.records.iter().map(ToString::to_string).collect();
                    let (at, act) = (minute(zone, row.at), row.act.as_str());
                    format!("{}  {at}  {who}  {act}  {}  {}", row.n, row.detail, ids.join(" "))
                });
                context.print(&rows, lines)
            }
            What::Verify { head } => match database.verify_audit(head).await? {
                AuditState::Whole { n, hash } => {
                    let head = format!("{n}:{}", data_encoding::HEXLOWER.encode(&hash));
                    let line = format!("{n} rows check out; head {head}");
                    context.print(&json!({ "rows": n, "head": head }), [line])
                }
                AuditState::Broken { n, what } => Err(Error::admin(format!("row {n}: {what}"))),
            },
        }
    }
}

/// Reads `12:9f…` as a row and its hash.
fn head(text: &str) -> std::result::Result<(u64, AuditHash), String> {
    let read = || {
        let (n, hash) = text.split_once(':')?;
        let hash = data_encoding::HEXLOWER_PERMISSIVE.decode(hash.as_bytes()).ok()?;
        Some((n.parse().ok()?, hash.try_into().ok()?))
    };
    read().ok_or_else(|| "write it as it was printed: NUMBER:HASH".to_owned())
}
