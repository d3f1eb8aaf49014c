//! Who works in the community, and its grids and task groups.

use gridbook_core::model::{Role, ScopeKind, dictionary};

use super::dice::Dice;
use super::phrases::{NUMERALS, SURNAMES};
use super::{PersonSeed, ScopeSeed, Size};

/// The community's key.
pub(super) const COMMUNITY: &str = "community";
/// The joint-duty guards of a full community.
const GUARDS: usize = 29;

/// How many grids there are.
pub(super) fn grid_count(size: Size) -> usize {
    match size {
        Size::Full => 8,
        Size::Small => 2,
    }
}

/// The key of the grid with this number, from 1.
pub(super) fn grid_key(number: usize) -> String {
    format!("grid-{number}")
}

/// The key of the task group with this code of the dictionary `task_group`.
pub(super) fn group_key(code: &str) -> String {
    format!("group-{code}")
}

pub(super) fn scopes(size: Size) -> Vec<ScopeSeed> {
    let scope =
        |key: String, kind, name: String| ScopeSeed { key, kind, name, parent: Some(COMMUNITY.into()) };
    let community = ScopeSeed {
        key: COMMUNITY.into(),
        kind: ScopeKind::Community,
        name: "示范社区".into(),
        parent: None,
    };
    let grids = (1..=grid_count(size))
        .map(|number| scope(grid_key(number), ScopeKind::Grid, format!("第{}网格", NUMERALS[number - 1])));
    let groups = dictionary::named("task_group").entries.iter();
    let groups =
        groups.map(|group| scope(group_key(&group.code), ScopeKind::TaskGroup, format!("{}组", group.zh)));
    std::iter::once(community).chain(grids).chain(groups).collect()
}

/// Everybody. A name is a surname and what the person is for, so that nobody takes it for a real one.
pub(super) fn people(dice: &mut Dice, size: Size) -> Vec<PersonSeed> {
    let mut surnames = dice.several(SURNAMES, SURNAMES.len()).into_iter().cycle();
    let mut person = |key: String, given: &str, roles: Vec<(String, Role)>| PersonSeed {
        key,
        name: format!("{}{given}", surnames.next().copied().unwrap_or("赵")),
        roles,
    };
    let grids = grid_count(size);
    let safety = group_key("safety");
    let visits = group_key("visits");
    let mut people = vec![
        person("administrator".into(), "管理", vec![(COMMUNITY.into(), Role::Administrator)]),
        person("lead-1".into(), "组长", vec![(COMMUNITY.into(), Role::Lead)]),
    ];
    let second_half = (grids / 2 + 1..=grids).map(|number| (grid_key(number), Role::Lead));
    people.push(person(
        "lead-2".into(),
        "组长",
        second_half.chain([(safety.clone(), Role::Lead), (visits.clone(), Role::Lead)]).collect(),
    ));
    for number in 1..=grids {
        let roles = vec![(grid_key(number), Role::Worker), (visits.clone(), Role::Member)];
        people.push(person(format!("worker-{number}"), "网格", roles));
    }
    if size == Size::Full {
        // Two people share the fourth grid.
        let roles = vec![(grid_key(4), Role::Worker), (visits.clone(), Role::Member)];
        people.push(person("worker-9".into(), "网格", roles));
    }
    let (members, guards) = match size {
        Size::Full => (4, GUARDS),
        Size::Small => (2, 6),
    };
    for (code, given) in
        [("education", "帮教"), ("service", "便民"), ("mediation", "化解"), ("visits", "采集")]
    {
        for number in 1..=members {
            let roles = vec![(group_key(code), Role::Member)];
            people.push(person(format!("member-{code}-{number}"), given, roles));
        }
    }
    for number in 1..=guards {
        people.push(person(format!("guard-{number}"), "联防", vec![(safety.clone(), Role::Member)]));
    }
    people
}

/// The keys of those who are `role` in the scope `key`.
pub(super) fn who_is<'a>(people: &'a [PersonSeed], role: Role, key: &str) -> Vec<&'a str> {
    let is = |person: &&PersonSeed| person.roles.iter().any(|(scope, held)| scope == key && *held == role);
    people.iter().filter(is).map(|person| person.key.as_str()).collect()
}
