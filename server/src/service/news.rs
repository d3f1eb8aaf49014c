//! Who wants to hear at once that something came in or that somebody left: the console's open pages.
//!
//! It tells what happens in this process. What another one does with the same database, an administrator's
//! command for one, is found by whoever looks again from time to time.

use std::sync::Arc;

use gridbook_core::id::ScopeId;
use tokio::sync::broadcast;

use super::Service;

/// So much may wait for a slow listener; it is told that it missed something, and looks for itself.
const WAITING: usize = 256;

/// Something happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum News {
    /// Records of this scope came in.
    Records(ScopeId),
    /// The session with this hash ended.
    Left([u8; 32]),
    /// The server is about to stop.
    Closing,
}

/// Where news are told.
#[derive(Clone)]
pub(super) struct Board(Arc<broadcast::Sender<News>>);

impl Default for Board {
    fn default() -> Self {
        Self(Arc::new(broadcast::Sender::new(WAITING)))
    }
}

impl Board {
    pub(super) fn tell(&self, news: News) {
        // Nobody listens most of the time.
        self.0.send(news).ok();
    }
}

impl Service {
    /// Hears what happens from now on.
    pub(crate) fn listen(&self) -> broadcast::Receiver<News> {
        self.news.0.subscribe()
    }

    /// Tells open pages that the server is about to stop, so that it need not wait for them.
    pub(crate) fn close_pages(&self) {
        self.news.tell(News::Closing);
    }
}
