//! `purge` and `retention`: erasing records for good, and how long each kind is kept.

use clap::{Args, Subcommand};
use gridbook_core::clock::Day;
use gridbook_core::id::RecordId;
use gridbook_core::model::Kind;
use gridbook_core::sync::notice::Why;
use serde_json::json;

use super::Context;
use crate::error::{Error, Result};

/// Erase records for good, with what is about them (a household's visits, reviews): here at once, on each
/// phone when it next comes. The audit log keeps the proof. Backups made before still hold them: make new ones
/// and destroy the old. A server that is put back to such a backup erases them again as soon as a phone comes
/// that knows.
#[derive(Debug, Args)]
pub(super) struct Purge {
    /// A record's id; may be given several times.
    #[arg(long, value_name = "ID", conflicts_with_all = ["before", "overdue"])]
    record: Vec<RecordId>,
    /// Everything of --kind in --scope that belongs to a day before this one and has not changed since.
    #[arg(long, value_name = "DATE", requires = "kind", requires = "scope")]
    before: Option<Day>,
    /// The kind, with --before.
    #[arg(long)]
    kind: Option<Kind>,
    /// The grid, task group or community, with --before: an id, a name that only one scope has, or
    /// COMMUNITY/NAME.
    #[arg(long)]
    scope: Option<String>,
    /// Everything whose time of keeping is over; `retention list` shows the times.
    #[arg(long, conflicts_with = "before")]
    overdue: bool,
    /// Who decided it: an administrator's id, or a name that only one person has. Needed where there are several.
    #[arg(long, value_name = "PERSON")]
    by: Option<String>,
    /// Why, for records that are named: retention or request.
    #[arg(long, value_parser = why, default_value = "request")]
    why: Why,
    /// Only say which records would go.
    #[arg(long)]
    dry_run: bool,
}

fn why(word: &str) -> std::result::Result<Why, String> {
    Why::from_word(word).ok_or_else(|| "one of retention, request".to_owned())
}

impl Purge {
    pub(super) async fn run(self, context: &Context) -> Result<()> {
        let admin = context.open().await?.admin();
        let (records, why) = match (self.before, self.kind, &self.scope) {
            _ if !self.record.is_empty() => (self.record, self.why),
            (Some(before), Some(kind), Some(scope)) => {
                let scope = admin.find_scope(scope).await?;
                (admin.older(&scope.id, kind, before).await?, Why::Retention)
            }
            _ if self.overdue => (admin.overdue().await?, Why::Retention),
            _ => return Err(Error::admin("name records with --record, or give --before or --overdue")),
        };
        if self.dry_run {
            let lines: Vec<_> = records.iter().map(ToString::to_string).collect();
            return context.print(&json!({ "would_erase": records }), lines);
        }
        let by = match &self.by {
            Some(by) => admin.find_person(by).await?.id,
            None => admin.eraser().await?,
        };
        let gone = admin.erase(&by, records, why).await?;
        let listed: Vec<_> =
            gone.iter().map(|gone| json!({ "record": gone.record, "kind": gone.kind })).collect();
        let line = format!("{} records erased; phones erase them when they next come", gone.len());
        context.print(&json!({ "erased": listed }), [line])
    }
}

/// How long records of each kind are kept after their day and their last change.
#[derive(Debug, Args)]
pub(super) struct Retention {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List the days by kind.
    List {
        /// The community's id or name.
        community: String,
    },
    /// Set the days for a kind; 0 keeps it until somebody erases it.
    Set {
        /// The community's id or name.
        community: String,
        /// The kind.
        kind: Kind,
        /// The days.
        days: u32,
    },
}

impl Retention {
    pub(super) async fn run(self, context: &Context) -> Result<()> {
        let admin = context.open().await?.admin();
        let (What::List { community } | What::Set { community, .. }) = &self.what;
        let community = admin.find_scope(community).await?.id;
        if let What::Set { kind, days, .. } = self.what {
            admin.set_retention(&community, kind, days).await?;
        }
        let retention = admin.retention(&community).await?;
        let lines: Vec<_> = retention
            .iter()
            .map(|(kind, days)| match days {
                Some(days) => format!("{kind}  {days} days"),
                None => format!("{kind}  until erased"),
            })
            .collect();
        context.print(&retention, lines)
    }
}
