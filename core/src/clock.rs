//! Time as the core knows it: UTC milliseconds inside, calendar days in the community's zone on screens.
//!
//! The clock is injected so that a simulation can run a week in a second and a phone's clock may be
//! wrong by years: no order is ever taken from it.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveTime, TimeZone, Utc};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

/// A point in time, in milliseconds since 1970-01-01T00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(pub i64);

impl Instant {
    /// This instant, `milliseconds` later (earlier if negative); saturates at the ends of the range.
    #[must_use]
    pub fn plus_millis(self, milliseconds: i64) -> Self {
        Self(self.0.saturating_add(milliseconds))
    }
}

/// A calendar day without a time, written `2026-11-23`: of the years 0 to 9999, which every platform's calendar writes so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Day(#[serde(deserialize_with = "read_day")] pub NaiveDate);

/// No day, or one of another year than 0 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a day is written as in 2026-11-23")]
pub struct NoDay;

fn read_day<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<NaiveDate, D::Error> {
    let date = NaiveDate::deserialize(deserializer)?;
    if Day(date) == Day(date).within() { Ok(date) } else { Err(D::Error::custom(NoDay)) }
}

impl Day {
    /// The first day there is.
    const FIRST: Day = Day(match NaiveDate::from_ymd_opt(0, 1, 1) {
        Some(first) => first,
        None => NaiveDate::MIN,
    });
    /// The last day there is.
    pub const LAST: Day = Day(match NaiveDate::from_ymd_opt(9999, 12, 31) {
        Some(last) => last,
        None => NaiveDate::MAX,
    });

    /// This day, or the end of the calendar that it lies beyond.
    fn within(self) -> Self {
        self.clamp(Self::FIRST, Self::LAST)
    }

    /// The day `days` later (earlier if negative); saturates at the calendar's ends.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        let moved = chrono::Duration::try_days(days).and_then(|span| self.0.checked_add_signed(span));
        moved.map_or(if days < 0 { Self::FIRST } else { Self::LAST }, |date| Self(date).within())
    }

    /// Whole days from `earlier` to this one; negative if this one comes first.
    #[must_use]
    pub fn days_since(self, earlier: Day) -> i64 {
        (self.0 - earlier.0).num_days()
    }

    /// The day as a number for indexes and order: days since 0001-01-01, which is day 1.
    #[must_use]
    pub fn number(self) -> i64 {
        i64::from(self.0.num_days_from_ce())
    }

    /// The day with this [`Day::number`], if the calendar reaches it.
    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        let day = i32::try_from(number).ok().and_then(NaiveDate::from_num_days_from_ce_opt).map(Day);
        day.filter(|day| *day == day.within())
    }

    /// The Monday of this day's week.
    #[must_use]
    pub fn week_start(self) -> Self {
        self.plus_days(-i64::from(self.0.weekday().num_days_from_monday()))
    }

    /// The first day of this day's month.
    #[must_use]
    pub fn month_start(self) -> Self {
        self.plus_days(-i64::from(self.0.day0()))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m-%d"))
    }
}

impl std::str::FromStr for Day {
    type Err = NoDay;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        let day = Day(NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| NoDay)?);
        if day == day.within() { Ok(day) } else { Err(NoDay) }
    }
}

/// The community's time zone as a fixed offset; China keeps one, UTC+8, without summer time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone(FixedOffset);

impl Zone {
    /// UTC+8.
    #[must_use]
    pub fn china() -> Self {
        Self::east_minutes(8 * 60)
    }

    /// `minutes` east of Greenwich, from −1439 to 1439; anything else is taken as UTC.
    #[must_use]
    pub fn east_minutes(minutes: i32) -> Self {
        Self(FixedOffset::east_opt(minutes.saturating_mul(60)).unwrap_or_else(|| Utc.fix_offset()))
    }

    /// The calendar day on which `instant` falls here.
    #[must_use]
    pub fn day(self, instant: Instant) -> Day {
        Day(self.local(instant).date_naive()).within()
    }

    /// The first instant of `day` here.
    #[must_use]
    pub fn start_of(self, day: Day) -> Instant {
        let midnight = day.0.and_time(NaiveTime::MIN);
        let local = self.0.from_local_datetime(&midnight).single();
        Instant(local.map_or(0, |time| time.timestamp_millis()))
    }

    /// `instant` as a local date and time; instants beyond the calendar are shown at its end.
    #[must_use]
    pub fn local(self, instant: Instant) -> DateTime<FixedOffset> {
        let utc = DateTime::<Utc>::from_timestamp_millis(instant.0).unwrap_or(if instant.0 < 0 {
            DateTime::<Utc>::MIN_UTC
        } else {
            DateTime::<Utc>::MAX_UTC
        });
        // The outermost day of the calendar has no room for an offset.
        if utc.year().abs() > 200_000 {
            utc.with_timezone(&Utc.fix_offset())
        } else {
            utc.with_timezone(&self.0)
        }
    }
}

/// UTC as a fixed offset: what an impossible zone falls back to.
trait FixOffset {
    fn fix_offset(&self) -> FixedOffset;
}

impl FixOffset for Utc {
    fn fix_offset(&self) -> FixedOffset {
        chrono::Offset::fix(self)
    }
}

/// Where the core asks for the time.
pub trait Clock: Send + Sync {
    /// The time now, as far as this device knows.
    fn now(&self) -> Instant;

    /// How long the device has been switched on, if it can tell: what no one can set by hand.
    fn uptime(&self) -> Option<Uptime> {
        None
    }
}

/// Time since the device was switched on, sleep included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uptime {
    /// Another value each time the device is switched on.
    pub boot: [u8; 16],
    /// Milliseconds since then.
    pub millis: i64,
}

/// The device's own clock.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant(Utc::now().timestamp_millis())
    }

    /// As Linux tells it; other platforms inject a clock that asks theirs.
    fn uptime(&self) -> Option<Uptime> {
        let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        let boot = uuid::Uuid::parse_str(boot.trim()).ok()?.into_bytes();
        let seconds: f64 = std::fs::read_to_string("/proc/uptime").ok()?.split(' ').next()?.parse().ok()?;
        Some(Uptime { boot, millis: (seconds * 1_000.0) as i64 })
    }
}

/// Where the core asks for unpredictable bytes.
pub trait Entropy: Send + Sync {
    /// Fills `bytes` entirely.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's random numbers.
#[derive(Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    /// # Panics
    /// If the operating system has no random source: nothing safe can be done without one.
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes)
            .unwrap_or_else(|error| panic!("the operating system gives no random bytes: {error}"));
    }
}

/// The clock and the randomness of one device, handed to everything that needs either.
#[derive(Clone)]
pub struct Surroundings {
    /// The device's clock.
    pub clock: Arc<dyn Clock>,
    /// The device's random source.
    pub entropy: Arc<dyn Entropy>,
}

impl Surroundings {
    /// The real clock and the real random source.
    #[must_use]
    pub fn system() -> Self {
        Self { clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy) }
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// `N` random bytes.
    #[must_use]
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.entropy.fill(&mut bytes);
        bytes
    }
}

impl fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Surroundings")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_one_of_four_digits_of_a_year_wherever_it_comes_from() {
        let zone = Zone::china();
        for far in [i64::MIN, i64::MAX] {
            let ends = [zone.day(Instant(far)), zone.day(Instant(0)).plus_days(far)];
            for day in ends {
                assert_eq!(day, if far < 0 { Day::FIRST } else { Day::LAST });
                assert_eq!(day.to_string().len(), 10, "{day}");
                assert_eq!(day.to_string().parse(), Ok(day));
                assert_eq!(Day::from_number(day.number()), Some(day));
            }
        }
        assert_eq!(Day::from_number(Day::LAST.number() + 1), None);
        for none in ["10000-01-01", "+12000-01-01", "-0001-12-31", "2026-02-30", ""] {
            assert_eq!(none.parse::<Day>(), Err(NoDay), "{none}");
            assert!(serde_json::from_value::<Day>(none.into()).is_err(), "{none}");
        }
    }
}
