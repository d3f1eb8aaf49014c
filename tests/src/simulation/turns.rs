//! What happens to people's places: phones are revoked, people are dismissed and come back, roles are taken and
//! given again, now and in the middle of an exchange. From the moment on nothing of a revoked phone may be accepted
//! but through the lead's box, and all of it must be there.

use std::collections::BTreeSet;

use gridbook_core::id::{ChangeHash, DeviceId, ScopeId};
use gridbook_core::model::Role;
use gridbook_core::workbook::Phase;

use super::phone::Phone;
use super::server::SimulatedServer;
use super::world::World;

/// A role that comes and goes.
pub(super) struct Place {
    pub(super) person: &'static str,
    pub(super) role: Role,
    pub(super) scope: ScopeId,
    pub(super) held: bool,
}

/// What happens to somebody's place.
#[derive(Clone, Copy, Debug)]
pub(super) enum Turn {
    /// A phone is revoked.
    Revoke(usize),
    /// A person is dismissed.
    Dismiss(&'static str),
    /// A role is taken, or given back.
    Role(usize),
}

/// A phone that was revoked, until a lead has let in what it had not sent.
pub(super) struct Lost {
    device: DeviceId,
    phone: &'static str,
    /// What the server did not hold when it revoked the phone, and what was written on it since.
    pub(super) absent: BTreeSet<ChangeHash>,
    handed_in: bool,
}

impl Turn {
    /// True if it may shut out work of this person's.
    pub(super) fn concerns(self, person: &str, places: &[Place]) -> bool {
        match self {
            Turn::Revoke(_) => false,
            Turn::Dismiss(dismissed) => dismissed == person,
            Turn::Role(which) => places[which].person == person,
        }
    }

    /// Does it, and says of which phones what must not come any more.
    pub(super) async fn take(
        self,
        server: &SimulatedServer,
        phones: &[Phone],
        places: &[Place],
    ) -> Vec<Lost> {
        let shut_out: Vec<&Phone> = match self {
            Turn::Revoke(which) => {
                let device = &phones[which].device;
                server.revoke(device).await;
                phones.iter().filter(|phone| phone.device == *device).collect()
            }
            Turn::Dismiss(person) => {
                server.dismiss(person).await;
                phones.iter().filter(|phone| phone.person == person).collect()
            }
            Turn::Role(which) => {
                server.set_place(&places[which], !places[which].held).await;
                Vec::new()
            }
        };
        let mut lost = Vec::new();
        for phone in shut_out {
            let mut absent = BTreeSet::new();
            for (scope, hash) in phone.unacknowledged() {
                // What another phone was shown once, it may give back to a restored server.
                let shown = phones.iter().any(|it| it.device != phone.device && it.knows(&scope, &hash));
                if !shown && !server.holds(&[hash]).await {
                    absent.insert(hash);
                }
            }
            lost.push(Lost { device: phone.device.clone(), phone: phone.name, absent, handed_in: false });
        }
        lost
    }
}

impl World {
    /// A turn, unless it would shut out a phone that has not met the server since that was restored: what the
    /// server forgot goes with it, and nobody can help that (docs/SECURITY.md).
    ///
    /// In half of the seeds there is none: each outdates the backups of before, and restorations want their weeks.
    pub(super) fn any_turn(&self) -> Option<Turn> {
        if self.seed.is_multiple_of(2) {
            return None;
        }
        let (turn, concerned): (_, Vec<&Phone>) = match self.dice.pick(5) {
            0 | 1 => {
                let which = self.dice.pick(self.places.len());
                let Place { person, held, .. } = &self.places[which];
                let concerned = self.phones.iter().filter(|phone| *held && phone.person == *person);
                (Turn::Role(which), concerned.collect())
            }
            2 | 3 => {
                let which = self.dice.pick(self.phones.len());
                let device = &self.phones[which].device;
                (Turn::Revoke(which), self.phones.iter().filter(|phone| phone.device == *device).collect())
            }
            _ => {
                let person = ["甲", "乙", "丙", "组员"][self.dice.pick(4)];
                (Turn::Dismiss(person), self.phones.iter().filter(|phone| phone.person == person).collect())
            }
        };
        concerned.iter().all(|phone| phone.settled).then_some(turn)
    }

    /// Notes what a turn came to.
    pub(super) fn turned(&mut self, turn: Turn, lost: Vec<Lost>) {
        match turn {
            Turn::Role(which) => {
                let held = !self.places[which].held;
                self.places[which].held = held;
                let Place { person, role, scope, .. } = &self.places[which];
                let line = format!("{person}: {} in {scope}: {held}", role.as_str());
                self.tell(format_args!("{line}"));
                if !held {
                    // Their phones keep nothing of it that could be given back.
                    self.keep_no_backup();
                }
            }
            Turn::Revoke(_) => {}
            Turn::Dismiss(person) => {
                for place in self.places.iter_mut().filter(|place| place.person == person) {
                    place.held = false;
                }
                self.tell(format_args!("{person} is dismissed"));
            }
        }
        for lost in lost {
            // A backup of before would forget that, and what comes into the box.
            self.keep_no_backup();
            let new = self.lost.iter().all(|it| (&it.device, it.phone) != (&lost.device, lost.phone));
            if new {
                self.tell(format_args!("{} is revoked with {} changes", lost.phone, lost.absent.len()));
                self.lost.push(lost);
            }
        }
    }

    /// A phone was copied: if it is revoked, so is the copy.
    pub(super) fn copied(&mut self, name: &'static str, copy: &'static str) {
        let lost = self.lost.iter().find(|it| it.phone == name && !it.handed_in);
        let lost = lost.map(|it| Lost {
            device: it.device.clone(),
            phone: copy,
            absent: it.absent.clone(),
            handed_in: false,
        });
        self.lost.extend(lost);
    }

    /// What a revoked phone still writes must not come either. Where two people wrote at once, the heads that a
    /// save returns are others' too.
    pub(super) async fn written(&mut self, number: usize, heads: Vec<ChangeHash>) {
        let phone = &self.phones[number];
        let lost = self.lost.iter_mut().find(|it| it.device == phone.device && it.phone == phone.name);
        let Some(lost) = lost else { return };
        for hash in heads {
            if !self.server.holds(&[hash]).await {
                lost.absent.insert(hash);
            }
        }
    }

    /// True if a person lacks one of their roles.
    pub(super) fn lacks_a_role(&self, person: &str) -> bool {
        self.places.iter().any(|place| place.person == person && !place.held)
    }

    /// Nothing of a revoked phone was accepted.
    pub(super) async fn check_shut_out(&mut self) {
        for lost in &self.lost {
            for hash in &lost.absent {
                if self.server.holds(&[*hash]).await {
                    self.broken(format_args!("{hash} of {} came after it was revoked", lost.phone));
                }
            }
        }
    }

    /// A phone has handed in what it had and is empty: its person gets a new one.
    pub(super) async fn replace(&mut self, number: usize) {
        let phone = &self.phones[number];
        let (name, person) = (phone.name, phone.person);
        if phone.workbook().phase() != Phase::Wiped || phone.leaves_anything() {
            self.broken(format_args!("{name} took its leave and is not empty"));
        }
        let Some(lost) = self.lost.iter_mut().find(|it| it.device == phone.device && it.phone == name) else {
            self.broken(format_args!("{name} took its leave, and nobody had revoked it"))
        };
        lost.handed_in = true;
        let device = lost.device.clone();
        self.replaced += 1;
        let seed = self.seed.wrapping_mul(41).wrapping_add(1_000 + self.replaced);
        let mut renewed = self.phones[number].renewed(&self.clock, seed).expect("a phone");
        for place in self.places.iter_mut().filter(|place| place.person == person) {
            place.held = true;
        }
        let places = self.places.iter().filter(|place| place.person == person);
        let grants: Vec<_> = places.map(|place| (place.scope.clone(), place.role)).collect();
        let invite = self.server.invite(person, &grants).await;
        let end = self.server.end(&renewed.device);
        let enrolment = renewed.workbook().enrol(&end, "simulated", &invite, name).await.expect("enrolment");
        renewed.device = enrolment.device;
        self.phones[number] = renewed;
        self.keep_no_backup();
        self.tell(format_args!("{name} handed in and is replaced"));
        if self.dice.chance(40) {
            self.let_in(&device).await;
        }
    }

    /// A lead lets in what revoked phones handed in.
    pub(super) async fn open_boxes(&mut self) {
        let devices: BTreeSet<_> =
            self.lost.iter().filter(|it| it.handed_in).map(|it| it.device.clone()).collect();
        for device in devices {
            self.let_in(&device).await;
        }
    }

    async fn let_in(&mut self, device: &DeviceId) {
        let Some((came, refused)) = self.server.accept_box(device).await else {
            // There was nothing to hand in.
            self.let_go_of(device).await;
            return;
        };
        self.tell(format_args!("box of {device}: {came} came, {refused} not yet"));
        // A copy of the phone is the same device: it may have held the same, or handed in as well.
        for lost in self.lost.iter_mut().filter(|it| it.device == *device && !it.handed_in) {
            let mut absent = BTreeSet::new();
            for hash in &lost.absent {
                if !self.server.holds(&[*hash]).await {
                    absent.insert(*hash);
                }
            }
            lost.absent = absent;
        }
        if refused == 0 {
            self.let_go_of(device).await;
        }
    }

    async fn let_go_of(&mut self, device: &DeviceId) {
        let (done, open): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.lost).into_iter().partition(|it| it.device == *device && it.handed_in);
        self.lost = open;
        for lost in done {
            let hashes: Vec<_> = lost.absent.into_iter().collect();
            if !self.server.holds(&hashes).await {
                self.broken(format_args!("{}: the box lacked some of {hashes:?}", lost.phone));
            }
        }
    }

    /// Everybody gets back what was taken from them.
    pub(super) async fn give_back(&mut self) {
        for place in &mut self.places {
            if !place.held {
                self.server.set_place(place, true).await;
                place.held = true;
            }
        }
    }
}
