//! How much anyone may ask: requests by device, by address where no device has proved itself, by invitation;
//! and how long and how large a request may be.
//!
//! A carrier puts thousands of phones behind one address, so an address alone never shuts out a device: what
//! counts against a device is only what carries its proof, and what counts against an address is only what
//! carries none. Whoever sends forgeries in a device's name is held off at that address and for that name.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use gridbook_core::id::DeviceId;
use gridbook_core::sync::protocol::BODY_LIMIT;

use crate::error::{Error, Result};

/// So many at once, then one in each interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// At once.
    pub burst: NonZeroU32,
    /// Then one in each of these; at least a nanosecond.
    pub each: Duration,
}

impl Rate {
    /// `burst` at once, then one each `each`.
    #[must_use]
    pub const fn new(burst: u32, each: Duration) -> Self {
        let burst = match NonZeroU32::new(burst) {
            Some(burst) => burst,
            None => NonZeroU32::MIN,
        };
        Self { burst, each }
    }

    fn quota(self) -> Quota {
        let quota = Quota::with_period(self.each.max(Duration::from_nanos(1)));
        quota.unwrap_or(Quota::per_second(NonZeroU32::MIN)).allow_burst(self.burst)
    }
}

/// What is allowed; the default is for a district's server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Requests of one device. A first sync of a large community is some seventy, one after another.
    pub device: Rate,
    /// Requests of one device worked on at the same time; an honest phone has one.
    pub device_at_once: usize,
    /// Requests in one device's name from one address that its key did not sign, or that were sent before.
    pub forgeries: Rate,
    /// Requests from one address that name no device: health, figures, the leads' API, and broken ones.
    pub strangers: Rate,
    /// Enrolments from one address.
    pub enrolments: Rate,
    /// Tries of one invitation.
    pub invite: Rate,
    /// Connections open at the same time.
    pub connections: usize,
    /// Of them from one address.
    pub connections_of_address: usize,
    /// How long the TLS handshake may take, and how long the head of a request, also while a connection idles.
    pub head_time: Duration,
    /// How long a body may take: the largest honest one at 100 kbit/s takes 42 seconds.
    pub body_time: Duration,
    /// How long a body may stand still.
    pub body_stall: Duration,
    /// How long an answer may stand still because nobody reads it.
    pub answer_stall: Duration,
    /// How long a request may be worked on.
    pub work_time: Duration,
    /// Lines of one register that is taken away as a file.
    pub ledger_lines: usize,
    /// The largest body of an enrolment; the others have [`BODY_LIMIT`].
    pub enrolment_body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            device: Rate::new(240, Duration::from_millis(250)),
            device_at_once: 4,
            forgeries: Rate::new(30, Duration::from_secs(2)),
            strangers: Rate::new(600, Duration::from_millis(100)),
            enrolments: Rate::new(1_200, Duration::from_millis(50)),
            invite: Rate::new(10, Duration::from_secs(6)),
            connections: 2_048,
            connections_of_address: 1_536,
            head_time: Duration::from_secs(10),
            body_time: Duration::from_secs(60),
            body_stall: Duration::from_secs(10),
            answer_stall: Duration::from_secs(30),
            work_time: Duration::from_secs(30),
            ledger_lines: 100_000,
            enrolment_body: BODY_LIMIT / 64,
        }
    }
}

/// How many checks pass between two searches for keys that are as good as new.
const SWEEP: usize = 4_096;

/// Counts what is asked, in memory.
pub(crate) struct Limiter {
    devices: Keyed<DeviceId>,
    forgeries: Keyed<(IpAddr, DeviceId)>,
    strangers: Keyed<IpAddr>,
    enrolments: Keyed<IpAddr>,
    invites: Keyed<[u8; 32]>,
    sessions: Keyed<[u8; 32]>,
    held_off: Mutex<HashMap<(IpAddr, DeviceId), Instant>>,
    under_way: Mutex<HashMap<(IpAddr, DeviceId), usize>>,
    at_once: usize,
}

/// A rate for each key, with memory that does not grow for ever.
struct Keyed<K: Clone + Hash + Eq> {
    limiter: DefaultKeyedRateLimiter<K>,
    since_sweep: AtomicUsize,
}

impl<K: Clone + Hash + Eq> Keyed<K> {
    fn new(rate: Rate) -> Self {
        Self { limiter: RateLimiter::keyed(rate.quota()), since_sweep: AtomicUsize::new(0) }
    }

    /// Counts one, or says how long to wait.
    fn count(&self, key: &K) -> Result<(), Duration> {
        if self.since_sweep.fetch_add(1, Ordering::Relaxed) >= SWEEP {
            self.since_sweep.store(0, Ordering::Relaxed);
            self.limiter.retain_recent();
        }
        self.limiter.check_key(key).map_err(|until| until.wait_time_from(DefaultClock::default().now()))
    }
}

impl Limiter {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            devices: Keyed::new(limits.device),
            forgeries: Keyed::new(limits.forgeries),
            strangers: Keyed::new(limits.strangers),
            enrolments: Keyed::new(limits.enrolments),
            invites: Keyed::new(limits.invite),
            sessions: Keyed::new(limits.device),
            held_off: Mutex::default(),
            under_way: Mutex::default(),
            at_once: limits.device_at_once,
        }
    }

    /// Counts a request whose proof held.
    pub(crate) fn device(&self, device: &DeviceId) -> Result<()> {
        self.devices.count(device).map_err(|wait| slow_down("this device asks too often", wait))
    }

    /// Counts a request that names no device of this server.
    pub(crate) fn stranger(&self, address: IpAddr) -> Result<()> {
        let counted = self.strangers.count(&of_site(address));
        counted.map_err(|wait| slow_down("too many requests from this address", wait))
    }

    /// Counts an enrolment.
    pub(crate) fn enrolment(&self, address: IpAddr) -> Result<()> {
        let counted = self.enrolments.count(&of_site(address));
        counted.map_err(|wait| slow_down("too many enrolments from this address", wait))
    }

    /// Counts a try of an invitation, named by the hash of its secret.
    pub(crate) fn invite(&self, hash: &[u8; 32]) -> Result<()> {
        self.invites.count(hash).map_err(|wait| slow_down("this invitation is tried too often", wait))
    }

    /// Counts a request of somebody who is logged in to the console, as a device's.
    pub(crate) fn session(&self, hash: &[u8; 32]) -> Result<()> {
        self.sessions.count(hash).map_err(|wait| slow_down("this session asks too often", wait))
    }

    /// Counts a request in a device's name that was not its own, or not new.
    pub(crate) fn forgery(&self, address: IpAddr, device: &DeviceId) {
        let key = (of_site(address), device.clone());
        if let Err(wait) = self.forgeries.count(&key) {
            let now = Instant::now();
            let mut held_off = self.held_off.lock().unwrap_or_else(PoisonError::into_inner);
            held_off.retain(|_, until| *until > now);
            held_off.insert(key, now + wait);
        }
    }

    /// Lets a request in a device's name begin; it counts as under way until the guard is dropped.
    pub(crate) fn begin(&self, address: IpAddr, device: &DeviceId) -> Result<UnderWay<'_>> {
        let key = (of_site(address), device.clone());
        let until = self.held_off.lock().unwrap_or_else(PoisonError::into_inner).get(&key).copied();
        let wait = until.map(|until| until.saturating_duration_since(Instant::now()));
        if let Some(wait) = wait.filter(|wait| !wait.is_zero()) {
            return Err(slow_down("too many requests that are not this device's", wait));
        }
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        let count = under_way.entry(key.clone()).or_default();
        if *count >= self.at_once {
            return Err(slow_down("this device asks several times at once", Duration::from_secs(1)));
        }
        *count += 1;
        Ok(UnderWay { limiter: self, key })
    }
}

/// A request of a device that is under way.
pub(crate) struct UnderWay<'a> {
    limiter: &'a Limiter,
    key: (IpAddr, DeviceId),
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let mut under_way = self.limiter.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = under_way.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                under_way.remove(&self.key);
            }
        }
    }
}

/// Whoever has one IPv6 address has the 2⁶⁴ around it.
pub(crate) fn of_site(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        address => address,
    }
}

fn slow_down(what: &str, wait: Duration) -> Error {
    Error::SlowDown { detail: format!("{what}; wait as long as retry-after says"), wait }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter() -> Limiter {
        let two = Rate::new(2, Duration::from_secs(100));
        let limits = Limits { device: two, forgeries: two, device_at_once: 2, ..Limits::default() };
        Limiter::new(&limits)
    }

    #[test]
    fn one_device_does_not_use_up_anothers_rate() {
        let limiter = limiter();
        let (first, second) = (DeviceId::from("d1"), DeviceId::from("d2"));
        assert!(limiter.device(&first).is_ok() && limiter.device(&first).is_ok());
        let Err(Error::SlowDown { wait, .. }) = limiter.device(&first) else { panic!("not limited") };
        assert!(wait > Duration::from_secs(90) && wait <= Duration::from_secs(100), "{wait:?}");
        assert!(limiter.device(&second).is_ok());
    }

    #[test]
    fn forgeries_hold_off_one_name_at_one_address() {
        let limiter = limiter();
        let (here, there) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let (first, second) = (DeviceId::from("d1"), DeviceId::from("d2"));
        for _ in 0..2 {
            limiter.forgery(here, &first);
            assert!(limiter.begin(here, &first).is_ok());
        }
        limiter.forgery(here, &first);
        assert!(matches!(limiter.begin(here, &first), Err(Error::SlowDown { .. })));
        assert!(limiter.begin(there, &first).is_ok(), "elsewhere the device is served");
        assert!(limiter.begin(here, &second).is_ok(), "a neighbour behind the same address is served");
    }

    #[test]
    fn a_device_has_few_requests_under_way() {
        let limiter = limiter();
        let (here, device) = (IpAddr::from([192, 0, 2, 1]), DeviceId::from("d1"));
        let first = limiter.begin(here, &device).unwrap();
        let _second = limiter.begin(here, &device).unwrap();
        assert!(limiter.begin(here, &device).is_err());
        drop(first);
        assert!(limiter.begin(here, &device).is_ok());
    }

    #[test]
    fn a_whole_ipv6_site_is_one_address() {
        let site = |text: &str| of_site(text.parse().unwrap());
        assert_eq!(site("2001:db8:1:2::9"), site("2001:db8:1:2:ffff::1"));
        assert_ne!(site("2001:db8:1:2::9"), site("2001:db8:1:3::9"));
        assert_eq!(site("::ffff:192.0.2.1"), site("192.0.2.1"));
    }
}
