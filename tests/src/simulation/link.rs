//! The network between one phone and the server: it loses requests and answers, delivers twice, late, and
//! out of order, or is simply not there.

use std::collections::VecDeque;

use gridbook_core::sync::encoding::{decode, encode};
use gridbook_core::sync::protocol::{
    BoxRequest, BoxResponse, EnrolRequest, EnrolResponse, RecoverRequest, RecoverResponse, SyncProtocol,
    SyncRequest, SyncResponse,
};
use gridbook_core::{Error, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::chance::Dice;

/// Requests that were sent once and are still in the air: the network may deliver them again later.
#[derive(Debug, Default)]
pub(super) struct Air(std::sync::Mutex<VecDeque<SyncRequest>>);

/// A faulty network in front of the real end.
pub(super) struct Link<'a, P> {
    pub(super) end: P,
    pub(super) dice: Dice,
    pub(super) air: &'a Air,
    /// Per cent of messages that meet a fault; 0 for a good day.
    pub(super) faults: usize,
}

impl<P: SyncProtocol> Link<'_, P> {
    /// Lets the other tasks run a while, so that exchanges of several phones interleave.
    async fn linger(&self) {
        for _ in 0..self.dice.pick(4) {
            tokio::task::yield_now().await;
        }
    }

    fn lost(&self, what: &str) -> Result<()> {
        if self.dice.chance(self.faults) { Err(Error::Offline(format!("{what} lost"))) } else { Ok(()) }
    }

    /// Every message goes through its real encoding.
    fn carry<T: Serialize + DeserializeOwned>(message: &T) -> Result<T> {
        decode(&encode(message)?)
    }
}

impl<P: SyncProtocol> SyncProtocol for Link<'_, P> {
    async fn enrol(&self, request: EnrolRequest) -> Result<EnrolResponse> {
        self.end.enrol(request).await
    }

    async fn sync(&self, request: SyncRequest) -> Result<SyncResponse> {
        self.linger().await;
        self.lost("request")?;
        let request = Self::carry(&request)?;
        if self.faults > 0 && self.dice.chance(self.faults) {
            let late = self.air.0.lock().map_or(None, |mut air| air.pop_front());
            if let Some(late) = late {
                // An old request arrives after newer ones; nobody hears the answer.
                let _ = self.end.sync(late).await;
            }
        }
        if self.faults > 0 {
            if let Ok(mut air) = self.air.0.lock() {
                air.push_back(request.clone());
                air.truncate(8);
            }
            if self.dice.chance(self.faults) {
                let _ = self.end.sync(request.clone()).await;
            }
        }
        let answer = self.end.sync(request).await?;
        self.linger().await;
        self.lost("answer")?;
        Self::carry(&answer)
    }

    async fn recover(&self, request: RecoverRequest) -> Result<RecoverResponse> {
        self.linger().await;
        self.lost("request")?;
        let answer = self.end.recover(Self::carry(&request)?).await?;
        self.lost("answer")?;
        Self::carry(&answer)
    }

    async fn hand_in(&self, request: BoxRequest) -> Result<BoxResponse> {
        self.linger().await;
        self.lost("parcel")?;
        let answer = self.end.hand_in(Self::carry(&request)?).await?;
        self.lost("receipt")?;
        Self::carry(&answer)
    }
}
