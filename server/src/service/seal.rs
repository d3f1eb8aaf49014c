//! Seals: the server's own acknowledgement of a place in a scope's log, which only it can make.

use gridbook_core::id::{Chain, ScopeId, Seal};
use gridbook_core::sync::protocol::{Checkpoint, seal_message};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::Service;

impl Service {
    /// The seal on a place in a scope's log.
    pub(super) fn seal(&self, scope: &ScopeId, seq: u64, chain: &Chain) -> Seal {
        Seal(self.mac(scope, seq, chain).finalize().into_bytes().into())
    }

    /// True if this server sealed the checkpoint; takes the same time wherever the seal is wrong.
    pub(super) fn sealed(&self, scope: &ScopeId, checkpoint: &Checkpoint) -> bool {
        self.mac(scope, checkpoint.seq, &checkpoint.chain).verify_slice(&checkpoint.seal.0).is_ok()
    }

    fn mac(&self, scope: &ScopeId, seq: u64, chain: &Chain) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.identity.seal_key)
            .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
        mac.update(&seal_message(scope, seq, chain));
        mac
    }
}
