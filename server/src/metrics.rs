//! What `/metrics` shows, counted as it happens. One registry a server, so that several run in one process.

use std::time::Duration;

use gridbook_core::sync::protocol::Receipt;
use prometheus::{
    HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts, Registry, TextEncoder,
};

use crate::db::Counts;
use crate::error::{Error, Result};

/// The counters.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    seconds: HistogramVec,
    changes: IntCounterVec,
    refusals: IntCounterVec,
    bytes: IntCounterVec,
    sent: IntCounter,
    recovered: IntCounter,
    devices: IntGauge,
    entries: IntGauge,
    records: IntGauge,
    quarantined: IntGauge,
}

impl Metrics {
    /// Counters at zero.
    ///
    /// # Errors
    /// Only if two of them had one name, which a test would show.
    pub fn new() -> Result<Self> {
        Self::build().map_err(|error| Error::Database(format!("metrics: {error}")))
    }

    fn build() -> prometheus::Result<Self> {
        let registry = Registry::new_custom(Some("gridbook".into()), None)?;
        let counters = |name: &str, help: &str, labels: &[&str]| {
            let counters = IntCounterVec::new(Opts::new(name, help), labels)?;
            registry.register(Box::new(counters.clone()))?;
            prometheus::Result::Ok(counters)
        };
        let counter = |name: &str, help: &str| {
            let counter = IntCounter::new(name, help)?;
            registry.register(Box::new(counter.clone()))?;
            prometheus::Result::Ok(counter)
        };
        let gauge = |name: &str, help: &str| {
            let gauge = IntGauge::new(name, help)?;
            registry.register(Box::new(gauge.clone()))?;
            prometheus::Result::Ok(gauge)
        };
        let seconds = HistogramOpts::new("request_seconds", "How long requests took, by route");
        let seconds = HistogramVec::new(
            seconds.buckets(vec![0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0]),
            &["route"],
        )?;
        registry.register(Box::new(seconds.clone()))?;
        Ok(Self {
            requests: counters(
                "requests_total",
                "Requests answered, by route and status",
                &["route", "status"],
            )?,
            seconds,
            changes: counters("changes_total", "Changes pushed, by what became of them", &["outcome"])?,
            refusals: counters("refusals_total", "Changes refused, by reason", &["reason"])?,
            bytes: counters("bytes_total", "Bytes of bodies as sent, by direction", &["direction"])?,
            sent: counter("changes_sent_total", "Changes sent down to devices")?,
            recovered: counter("changes_recovered_total", "Changes given back after a restore")?,
            devices: gauge("devices", "Devices enrolled and not revoked")?,
            entries: gauge("log_entries", "Entries over all scopes' logs")?,
            records: gauge("records", "Records")?,
            quarantined: gauge("quarantined", "Changes kept in quarantine")?,
            registry,
        })
    }

    /// Counts one answered request.
    pub fn request(&self, route: &str, status: u16, took: Duration) {
        self.requests.with_label_values(&[route, &status.to_string()]).inc();
        self.seconds.with_label_values(&[route]).observe(took.as_secs_f64());
    }

    /// Counts the bytes of one exchange's bodies.
    pub fn bytes(&self, up: usize, down: usize) {
        self.bytes.with_label_values(&["up"]).inc_by(up as u64);
        self.bytes.with_label_values(&["down"]).inc_by(down as u64);
    }

    pub(crate) fn received(&self, receipts: &[Receipt]) {
        for receipt in receipts {
            let outcome = match receipt {
                Receipt::Accepted(_) => "accepted",
                Receipt::Known(_) => "known",
                Receipt::Refused(reason) => {
                    self.refusals.with_label_values(&[reason.as_str()]).inc();
                    "refused"
                }
            };
            self.changes.with_label_values(&[outcome]).inc();
        }
    }

    pub(crate) fn sent(&self, changes: usize) {
        self.sent.inc_by(changes as u64);
    }

    pub(crate) fn recovered(&self, changes: usize) {
        self.recovered.inc_by(changes as u64);
    }

    /// Everything in Prometheus' text format, with the database's totals as of now.
    ///
    /// # Errors
    /// Only if a counter cannot be written as text.
    pub fn text(&self, counts: Counts) -> Result<String> {
        let gauges = [
            (&self.devices, counts.devices),
            (&self.entries, counts.entries),
            (&self.records, counts.records),
            (&self.quarantined, counts.quarantined),
        ];
        for (gauge, count) in gauges {
            gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
        }
        let text = TextEncoder::new().encode_to_string(&self.registry.gather());
        text.map_err(|error| Error::Database(format!("metrics: {error}")))
    }
}
