//! What is said first of how a phone stands, where there is one line for it.

use super::{Phase, Status};

/// What needs the person first; what comes earlier hides what comes later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Headline {
    /// The phone was revoked and holds nothing any more.
    Wiped,
    /// The phone was revoked and waits to hand in what was not sent.
    Withdrawn,
    /// It has no place at a server and works on no invitation.
    NotEnrolled,
    /// It works on an invitation alone.
    Joining,
    /// The server did not take some change.
    Refused,
    /// Changes wait to be sent.
    Waiting,
    /// Everything is on the server.
    NothingWaits,
}

impl Status {
    /// What needs the person first.
    #[must_use]
    pub fn headline(&self) -> Headline {
        match self.phase {
            Phase::Wiped => Headline::Wiped,
            Phase::Withdrawn => Headline::Withdrawn,
            Phase::Working if self.joining.is_some() => Headline::Joining,
            Phase::Working if self.enrolment.is_none() => Headline::NotEnrolled,
            Phase::Working if self.refused > 0 => Headline::Refused,
            Phase::Working if self.unsent > 0 => Headline::Waiting,
            Phase::Working => Headline::NothingWaits,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Instant;
    use crate::sync::address::Address;
    use crate::workbook::{Enrolment, Joining};

    #[test]
    fn what_needs_the_person_first_hides_the_rest() {
        let address: Address = "https://grid.example".into();
        let enrolment = Enrolment { address: address.clone(), device: "d".into(), person: "p".into() };
        let joining = Joining { address, person: "p".into(), expires: Instant(0), refused: None };
        let mut status = Status {
            phase: Phase::Wiped,
            enrolment: None,
            joining: Some(joining),
            unsent: 2,
            on_server: 0,
            contact: None,
            refused: 1,
            conflicts: 1,
            quarantined: 1,
            drafts: 1,
        };
        assert_eq!(status.headline(), Headline::Wiped);
        status.phase = Phase::Withdrawn;
        assert_eq!(status.headline(), Headline::Withdrawn);
        status.phase = Phase::Working;
        assert_eq!(status.headline(), Headline::Joining);
        status.joining = None;
        assert_eq!(status.headline(), Headline::NotEnrolled);
        status.enrolment = Some(enrolment);
        assert_eq!(status.headline(), Headline::Refused);
        status.refused = 0;
        assert_eq!(status.headline(), Headline::Waiting);
        status.unsent = 0;
        assert_eq!(status.headline(), Headline::NothingWaits);
    }
}
