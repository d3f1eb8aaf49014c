//! The floor's wire: JSON arrays, zstd level 3, over the HTTP client that Gridbook uses.

use super::FloorVisit;
use crate::Outcome;

/// How many visits one request carries.
const PAGE: usize = 1_000;

/// Visits as one compressed JSON array.
pub(crate) fn pack(visits: &[FloorVisit]) -> Outcome<Vec<u8>> {
    Ok(zstd::encode_all(serde_json::to_vec(visits)?.as_slice(), 3)?)
}

/// The inverse of [`pack`].
pub(super) fn unpack(bytes: &[u8]) -> Outcome<Vec<FloorVisit>> {
    Ok(serde_json::from_slice(&zstd::decode_all(bytes)?)?)
}

/// The floor's client.
pub(crate) struct FloorClient {
    client: reqwest::Client,
    server: String,
}

impl FloorClient {
    /// A client of the server at `address`.
    pub(crate) fn new(address: std::net::SocketAddr) -> Outcome<Self> {
        Ok(Self {
            client: reqwest::Client::builder().no_proxy().build()?,
            server: format!("http://{address}"),
        })
    }

    /// Sends visits, a page a request.
    pub(crate) async fn push(&self, visits: &[FloorVisit]) -> Outcome<()> {
        for page in visits.chunks(PAGE) {
            let request = self.client.post(format!("{}/push", self.server)).body(pack(page)?);
            request.send().await?.error_for_status()?;
        }
        Ok(())
    }

    /// One page of what came after a sequence number; fewer than [`PAGE`] at the end.
    pub(crate) async fn pull(&self, after: usize) -> Outcome<Vec<FloorVisit>> {
        let url = format!("{}/pull?after={after}&most={PAGE}", self.server);
        unpack(&self.client.get(url).send().await?.error_for_status()?.bytes().await?)
    }

    /// Everything, page by page, into a phone.
    pub(crate) async fn pull_all(&self, phone: &mut super::FloorPhone) -> Outcome<()> {
        let mut after = 0;
        loop {
            let visits = self.pull(after).await?;
            after += visits.len();
            phone.take_in(&visits)?;
            if visits.len() < PAGE {
                return Ok(());
            }
        }
    }
}
