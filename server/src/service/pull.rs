//! The way down: for each scope a page of what others wrote after the device's cursor.

use std::collections::BTreeSet;

use gridbook_core::id::{ActorId, Chain};
use gridbook_core::sync::protocol::{Cursor, PULL_BYTES, PULL_ENTRIES, Page, Pulled, ScopePage, SyncRequest};

use super::{Access, Service};
use crate::db::{Entry, Head, PageLimit};
use crate::error::Result;

impl Service {
    /// The pages, and whether more wait.
    pub(super) async fn news(
        &self,
        access: &Access,
        request: &SyncRequest,
    ) -> Result<(Vec<ScopePage>, bool)> {
        // A phone that no longer knows its own changes asks for them too.
        let own = ActorId::from_slice(&request.actor).filter(|_| !request.echo);
        let wanted = usize::try_from(request.page).unwrap_or(PULL_ENTRIES);
        let mut room = PageLimit { entries: wanted.clamp(1, PULL_ENTRIES), bytes: PULL_BYTES };
        let mut pages = Vec::new();
        let mut more = false;
        let places = places(access, request);
        let scopes: Vec<_> = places.iter().map(|cursor| cursor.scope.clone()).collect();
        let heads = self.db.heads(&scopes).await?;
        for cursor in places {
            let Some(head) = heads.iter().find(|head| head.scope == cursor.scope) else { continue };
            if (head.seq, head.chain) == (cursor.seq, cursor.chain) {
                continue;
            }
            if self.db.chain_at(&cursor.scope, cursor.seq).await? != Some(cursor.chain) {
                pages.push(ScopePage::Diverged(cursor.scope));
                continue;
            }
            if room.entries == 0 || room.bytes == 0 {
                more = true;
                continue;
            }
            let entries = self.db.page(&cursor.scope, cursor.seq, room).await?;
            room.entries = room.entries.saturating_sub(entries.len());
            room.bytes = room.bytes.saturating_sub(entries.iter().map(|entry| entry.bytes.len()).sum());
            let page = self.page(own, &cursor, head, entries);
            more |= page.remaining > 0;
            pages.push(ScopePage::Page(page));
        }
        Ok((pages, more))
    }

    fn page(&self, own: Option<ActorId>, cursor: &Cursor, head: &Head, entries: Vec<Entry>) -> Page {
        let (upto, chain) = entries.last().map_or((cursor.seq, cursor.chain), |last| (last.seq, last.chain));
        let mut page = Page {
            scope: cursor.scope.clone(),
            after: cursor.seq,
            upto,
            chain,
            seal: self.seal(&cursor.scope, upto, &chain),
            changes: Vec::with_capacity(entries.len()),
            own: Vec::new(),
            gone: Vec::new(),
            remaining: head.seq.saturating_sub(upto),
        };
        for entry in entries {
            if entry.bytes.is_empty() {
                page.gone.push((entry.seq, entry.hash));
            } else if own == Some(entry.actor) {
                page.own.push(entry.seq);
            } else {
                page.changes.push(Pulled(entry.record, entry.bytes));
            }
        }
        self.metrics.sent(page.changes.len());
        page
    }
}

/// The device's cursors in the scopes it may see, then the beginning of each scope it does not hold yet.
fn places(access: &Access, request: &SyncRequest) -> Vec<Cursor> {
    let mut named = BTreeSet::new();
    let mut places = Vec::new();
    for cursor in &request.cursors {
        if access.scope(&cursor.scope).is_some() && named.insert(&cursor.scope) {
            places.push(cursor.clone());
        }
    }
    for scope in access.scopes() {
        if !named.contains(scope) {
            places.push(Cursor { scope: scope.clone(), seq: 0, chain: Chain::START });
        }
    }
    places
}
