//! A network that does something to each request and each answer of an exchange, for stories of what arrives in pieces,
//! turned around, or not at all.

use gridbook_core::Result;
use gridbook_core::sync::protocol::{
    BoxRequest, BoxResponse, EnrolRequest, EnrolResponse, RecoverRequest, RecoverResponse, SyncProtocol,
    SyncRequest, SyncResponse,
};

/// The way to `end`.
pub struct Bent<P, A, F> {
    /// The server's end.
    pub end: P,
    /// What becomes of a request.
    pub ask: A,
    /// What becomes of an answer; an error is one that was lost.
    pub answer: F,
}

impl<P, A, F> SyncProtocol for Bent<P, A, F>
where
    P: SyncProtocol,
    A: Fn(&mut SyncRequest) + Send + Sync,
    F: Fn(&mut SyncResponse) -> Result<()> + Send + Sync,
{
    async fn enrol(&self, request: EnrolRequest) -> Result<EnrolResponse> {
        self.end.enrol(request).await
    }

    async fn sync(&self, mut request: SyncRequest) -> Result<SyncResponse> {
        (self.ask)(&mut request);
        let mut answer = self.end.sync(request).await?;
        (self.answer)(&mut answer)?;
        Ok(answer)
    }

    async fn recover(&self, request: RecoverRequest) -> Result<RecoverResponse> {
        self.end.recover(request).await
    }

    async fn hand_in(&self, request: BoxRequest) -> Result<BoxResponse> {
        self.end.hand_in(request).await
    }
}
