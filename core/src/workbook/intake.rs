//! Storing a verified answer of the server: receipts, pages, grants and names, in one transaction.

use super::Workbook;
use super::edit::{Edit, Operation};
use super::enrolment::Profile;
use super::ingest::Ingested;
use super::prepare::prepare_each;
use super::sync::{Progress, SyncReport};
use crate::error::Result;
use crate::gate::Refusal;
use crate::id::ScopeId;
use crate::sync::session::News;

impl Workbook {
    /// Stores an answer in one transaction: receipts, pages, grants, names.
    pub(super) fn take_in(&self, news: News, report: &mut SyncReport) -> Result<Progress> {
        let remaining = news.pages.iter().map(|page| page.remaining).sum();
        let before = self.profile();
        let mut profile = Profile::clone(&before);
        let granted_anew: Vec<ScopeId> = news
            .grants
            .iter()
            .filter(|grant| !before.grants.contains(grant))
            .map(|grant| grant.scope.clone())
            .collect();
        profile.grants.clone_from(&news.grants);
        if let Some(directory) = news.directory.clone() {
            profile.directory = directory;
        }
        let zone = before.zone();
        let counted = self.write(Operation::Sync, |edit| {
            let mut counted = SyncReport::default();
            note_receipts(edit, &news, &mut counted)?;
            for page in news.pages {
                let scope = page.cursor.scope.clone();
                prepare_each(page.entries, zone, |prepared| {
                    match edit.ingest(&scope, prepared)? {
                        Ingested::New => counted.received += 1,
                        Ingested::Known => {}
                        Ingested::Refused(_) => counted.quarantined += 1,
                    }
                    Ok(())
                })?;
                edit.writer.advance(&page.cursor, &page.seal)?;
            }
            for scope in &granted_anew {
                edit.writer.retry_refused(scope)?;
            }
            for cursor in edit.writer.reader().cursors()? {
                let granted = profile.grants.iter().any(|grant| grant.scope == cursor.scope);
                if !granted && edit.writer.unsent_in(&cursor.scope)? == 0 {
                    edit.writer.drop_scope(&cursor.scope)?;
                    counted.dropped.push(cursor.scope);
                }
            }
            if profile.grants != before.grants || profile.directory != before.directory {
                profile.store_news(edit.writer)?;
            }
            Ok(counted)
        })?;
        self.set_profile(profile);
        report.sent += counted.sent;
        report.held_back += counted.held_back;
        report.received += counted.received;
        report.quarantined += counted.quarantined;
        report.refused.extend(counted.refused);
        report.dropped.extend(counted.dropped);
        let unsent = self.read(|reader| reader.unsent_count())?;
        Ok(Progress { sent: report.sent, unsent, received: report.received, remaining })
    }
}

fn note_receipts(edit: &mut Edit<'_>, news: &News, counted: &mut SyncReport) -> Result<()> {
    for placed in &news.acknowledged {
        edit.writer.acknowledge(placed.n, placed.seq)?;
        counted.sent += 1;
        edit.touch(placed.id);
    }
    for (n, id, refusal) in &news.refused {
        edit.writer.refuse(*n, refusal.as_str())?;
        counted.refused.push(*id);
        edit.touch(*id);
        tracing::warn!(record = %id, reason = refusal.as_str(), "change refused by the server");
    }
    for (n, id) in &news.held_back {
        let found = edit.writer.require(id)?;
        if edit.writer.reader().refusals_of(found.n)?.is_empty() {
            counted.held_back += 1;
        } else {
            // What it builds on was refused for good, and so is it.
            edit.writer.refuse(*n, Refusal::MissingDependency.as_str())?;
            counted.refused.push(*id);
        }
    }
    counted.refused.sort_unstable();
    counted.refused.dedup();
    Ok(())
}
