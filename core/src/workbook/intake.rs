//! Storing a verified answer of the server: receipts, pages, grants and names, in one transaction.

use super::Workbook;
use super::edit::Edit;
use super::exchange::Incoming;
use super::ingest::Ingested;
use super::prepare::WORTH_A_THREAD;
use super::sync::{CONTACT, SyncReport};
use crate::error::{Error, Result};
use crate::gate::Refusal;
use crate::id::ScopeId;
use crate::model::{Action, Grant, Kind, permits};
use crate::sync::session::News;

impl Workbook {
    /// Stores an answer and says what it counted. A long page is stored on a thread of its own, so that the
    /// caller's goes on; should the caller give up meanwhile, that page is still committed as a whole.
    pub(super) async fn take_in(&self, incoming: Incoming) -> Result<SyncReport> {
        if incoming.entries < WORTH_A_THREAD {
            // The connection may share this thread: it gets its turn to send the next request first.
            tokio::task::yield_now().await;
            return self.store_news(incoming);
        }
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let workbook = self.clone();
        let store = move || {
            let counted = workbook.store_news(incoming);
            // Before the answer: the caller may close the workbook and end the process at once, and a database must not
            // be closed on one thread while OpenSSL is taken down on another.
            drop(workbook);
            // The receiver is gone where the exchange was given up; the page is stored all the same.
            let _ = sender.send(counted);
        };
        let thread = std::thread::Builder::new().name("gridbook-intake".into()).spawn(store);
        thread.map_err(|error| Error::Store(format!("no thread to store a page: {error}")))?;
        receiver.await.map_err(|_| Error::Store("the thread that stored a page broke off".into()))?
    }

    /// Stores an answer in one transaction: receipts, pages, grants, names.
    fn store_news(&self, incoming: Incoming) -> Result<SyncReport> {
        let Incoming { news, preparing, entries, .. } = incoming;
        let mut released = false;
        let counted = self.change_profile(|edit, profile| {
            let writes =
                |grant: &&Grant| Kind::ALL.iter().any(|kind| permits(grant.role, *kind, Action::Write));
            let anew: Vec<&Grant> =
                news.grants.iter().filter(|grant| !profile.grants.contains(grant)).collect();
            let writing_anew: Vec<ScopeId> =
                anew.iter().copied().filter(writes).map(|grant| grant.scope.clone()).collect();
            let granted_anew: Vec<ScopeId> = anew.iter().map(|grant| grant.scope.clone()).collect();
            let mut counted = SyncReport::default();
            edit.holds = news.grants.iter().map(|grant| grant.scope.clone()).collect();
            if entries > 0 {
                edit.reserved = edit.writer.reader().reserved_records()?;
            }
            // Before the answers: a page may list what waits, and a record may leave. A refusal of this very answer may
            // be older than a role that came with it, so that is tried again too if the role writes.
            edit.retry_refused(&granted_anew)?;
            note_receipts(edit, &news, &mut counted)?;
            edit.writer.acknowledge_reveals(&news.revealed)?;
            for (page, preparing) in news.pages.iter().zip(preparing) {
                preparing.try_for_each(|prepared| {
                    match edit.ingest(&page.cursor.scope, prepared)? {
                        Ingested::New => counted.received += 1,
                        Ingested::Known => {}
                        Ingested::Refused(_) => counted.quarantined += 1,
                        Ingested::Erased(record) => counted.erased.push(record),
                        Ingested::Moved(record) => counted.handed_over.push(record),
                    }
                    Ok(())
                })?;
                edit.writer.advance(&page.cursor, &page.seal)?;
            }
            if !news.pages.is_empty() {
                edit.writer.forget_covered_runs()?;
            }
            edit.retry_refused(&writing_anew)?;
            let left = edit.writer.let_depart(edit.now)?;
            edit.let_go(left);
            released = edit.writer.release_reserved(news.at)?;
            for cursor in edit.writer.reader().cursors()? {
                let granted = news.grants.iter().any(|grant| grant.scope == cursor.scope);
                if !granted
                    && edit.writer.unsent_in(&cursor.scope)? == 0
                    && edit.writer.drop_scope(&cursor.scope, edit.now)?
                {
                    counted.dropped.push(cursor.scope);
                }
            }
            if released || !counted.dropped.is_empty() {
                // What went may come again, and in pieces.
                profile.take_new_actor(edit.surroundings(), edit.writer)?;
            }
            let directory = news.directory.as_ref().filter(|directory| profile.directory != **directory);
            if profile.grants != news.grants || directory.is_some() {
                profile.grants.clone_from(&news.grants);
                profile.directory = directory.unwrap_or(&profile.directory).clone();
                profile.store_news(edit.writer)?;
            }
            edit.writer.set_meta(CONTACT, &edit.now)?;
            Ok(counted)
        })?;
        if released || !counted.erased.is_empty() {
            self.scrub();
        }
        Ok(counted)
    }
}

impl Edit<'_> {
    fn retry_refused(&self, scopes: &[ScopeId]) -> Result<()> {
        scopes.iter().try_for_each(|scope| self.writer.retry_refused(scope))
    }
}

fn note_receipts(edit: &mut Edit<'_>, news: &News, counted: &mut SyncReport) -> Result<()> {
    for placed in &news.acknowledged {
        if edit.writer.acknowledge_in(placed.n, &placed.scope, placed.seq)? {
            edit.placed.insert((placed.scope.clone(), placed.seq));
        }
        counted.sent += 1;
        edit.touch(placed.id);
    }
    for (n, id, refusal) in &news.refused {
        edit.writer.refuse(*n, refusal.as_str(), edit.now)?;
        counted.refused.push(*id);
        edit.touch(*id);
        tracing::warn!(record = %id, reason = refusal.as_str(), "change refused by the server");
    }
    for (n, id) in &news.held_back {
        let Some(found) = edit.writer.reader().find(id)? else { continue };
        if edit.writer.reader().refusals_of(found.n)?.is_empty() {
            counted.held_back += 1;
        } else {
            // What it builds on was refused for good, and so is it.
            edit.writer.refuse(*n, Refusal::MissingDependency.as_str(), edit.now)?;
            counted.refused.push(*id);
        }
    }
    counted.refused.sort_unstable();
    counted.refused.dedup();
    Ok(())
}
