//! Buildings, units, floors, rooms: the households of each grid in walking order.

use gridbook_core::id::RecordId;
use gridbook_core::model::{Dwelling, Household, Occupancy, Tags};

use super::chronicle::{Chronicle, Desk};
use super::dice::Dice;
use super::people::{grid_count, grid_key};
use super::phrases::{HOUSEHOLD_NOTES, NUMERALS, SURNAMES};
use super::{Calendar, Size};

/// All grids' households.
pub(super) struct Places {
    pub(super) grids: Vec<Grid>,
    pub(super) residents: u32,
}

/// One grid.
pub(super) struct Grid {
    pub(super) key: String,
    /// In walking order.
    pub(super) homes: Vec<Home>,
}

/// One household as it is now.
pub(super) struct Home {
    pub(super) id: RecordId,
    /// Its place in the chronicle.
    pub(super) record: usize,
    pub(super) household: Household,
}

/// How a building is laid out: units, floors, rooms on a floor.
const LAYOUTS: &[(usize, (usize, usize, usize))] =
    &[(5, (3, 6, 2)), (4, (4, 6, 2)), (2, (2, 11, 2)), (2, (1, 18, 4)), (1, (2, 17, 3))];

/// Builds the community and imports its roster on the first day.
pub(super) fn build(dice: &mut Dice, chronicle: &mut Chronicle, calendar: &Calendar, size: Size) -> Places {
    let mut places = Places { grids: Vec::new(), residents: 0 };
    let mut building = 0;
    let mut minute_of_import = 0;
    for number in 1..=grid_count(size) {
        let key = grid_key(number);
        let wanted = match size {
            Size::Full => 355,
            Size::Small => 30,
        };
        let mut dwellings: Vec<Dwelling> = Vec::new();
        while dwellings.len() < wanted {
            building += 1;
            dwellings.extend(rooms(dice, building, size));
        }
        dwellings.sort_by_key(Dwelling::walking_order);
        let desk = Desk { author: "administrator", scope: &key, grid: Some(&key) };
        let mut homes = Vec::new();
        for dwelling in dwellings {
            let household = household(dice, dwelling);
            if household.occupancy != Some(Occupancy::Vacant) {
                places.residents += residents(dice);
            }
            let at = calendar.at(calendar.first, 9 * 60).plus_millis(minute_of_import);
            minute_of_import += 40;
            let record = chronicle.write(desk, at, household.clone());
            homes.push(Home { id: chronicle.records()[record].id, record, household });
        }
        places.grids.push(Grid { key, homes });
    }
    places
}

fn rooms(dice: &mut Dice, building: usize, size: Size) -> Vec<Dwelling> {
    let (units, floors, width) = match size {
        Size::Full => dice.weighted(LAYOUTS),
        Size::Small => (1, 5, 3),
    };
    let mut rooms = Vec::new();
    let shops = if size == Size::Full && dice.chance(20) { dice.between(2, 5) } else { 0 };
    for shop in 1..=shops {
        let mut dwelling = Dwelling::new(&building.to_string(), "1", &format!("商铺{shop:02}"));
        dwelling.floor = Some(1);
        rooms.push(dwelling);
    }
    for unit in 1..=units {
        for floor in 1..=floors {
            for room in 1..=width {
                let number = format!("{floor}{room:02}");
                rooms.push(Dwelling::new(&building.to_string(), &unit.to_string(), &number));
            }
        }
    }
    rooms
}

fn household(dice: &mut Dice, dwelling: Dwelling) -> Household {
    let shop = dwelling.room.starts_with("商铺");
    let occupancy = if shop {
        Occupancy::Rented
    } else {
        dice.weighted(&[(72, Occupancy::OwnerOccupied), (21, Occupancy::Rented), (7, Occupancy::Vacant)])
    };
    let lived_in = occupancy != Occupancy::Vacant;
    let mut tags = Tags::default();
    let likely: [(usize, &str); 5] = [
        (6, "elder_alone"),
        (2, "left_behind_child"),
        (3, "low_income"),
        (2, "group_rental"),
        (3, "newcomer"),
    ];
    for (percent, tag) in likely {
        let fits = tag != "group_rental" || occupancy == Occupancy::Rented;
        if lived_in && !shop && fits && dice.chance(percent) {
            tags.0.insert(tag.into());
        }
    }
    if shop {
        tags.0.insert("small_shop".into());
    }
    let watched = tags.has("elder_alone") || tags.has("group_rental");
    let class = if watched && dice.chance(50) {
        "red"
    } else {
        dice.weighted(&[(3, "red"), (24, "yellow"), (73, "green")])
    };
    let named = lived_in && dice.chance(60);
    Household {
        dwelling: Some(dwelling),
        class: class.into(),
        needs_visit: lived_in && dice.chance(1),
        occupancy: Some(occupancy),
        contact: if named { contact(dice) } else { String::new() },
        phone: if named && dice.chance(75) { phone(dice) } else { String::new() },
        tags,
        note: if lived_in && dice.chance(12) { dice.phrase(HOUSEHOLD_NOTES).into() } else { String::new() },
    }
}

/// How many live in one household: 2.9 on average, so that vacant ones leave about 8,000 in 3,000.
fn residents(dice: &mut Dice) -> u32 {
    dice.weighted(&[(15, 1), (27, 2), (28, 3), (18, 4), (9, 5), (3, 6)])
}

/// A contact that nobody can be called: a surname, 住户 and a number.
pub(super) fn contact(dice: &mut Dice) -> String {
    format!("{}住户{}", dice.phrase(SURNAMES), dice.phrase(&NUMERALS))
}

/// A number that cannot be dialled: no area and no network begins with 000. Its eleven digits
/// stand together, so that it is masked wherever a real one would be.
pub(super) fn phone(dice: &mut Dice) -> String {
    format!("000{:04}{:04}", dice.below(10_000), dice.below(10_000))
}
