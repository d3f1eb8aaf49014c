//! The invented community: the same for the same seed, of the promised size, and nobody real in it.

#![allow(clippy::unwrap_used, reason = "a test stops where it breaks")]

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use gridbook_core::clock::{Day, Instant, Zone};
use gridbook_core::id::{PersonId, RecordId, ScopeId};
use gridbook_core::model::{Action, Content, Household, Kind, Mark, Role, ScopeKind, permits};
use gridbook_server::demo::population::{FigureSeed, NoteWriter, Population, RecordSeed, Size, with_ids};

fn today() -> Day {
    "2026-11-23".parse().unwrap()
}

fn full() -> Population {
    Population::generate(7, today(), Size::Full)
}

fn hash(population: &Population) -> u64 {
    let mut hasher = DefaultHasher::new();
    format!("{population:?}").hash(&mut hasher);
    hasher.finish()
}

fn contents(record: &RecordSeed) -> impl Iterator<Item = &Content> {
    std::iter::once(&record.content).chain(record.edits.iter().map(|edit| &edit.content))
}

fn households(population: &Population) -> impl Iterator<Item = (&RecordSeed, &Household)> {
    population.records.iter().filter_map(|record| match &record.content {
        Content::Household(household) => Some((record, household)),
        _ => None,
    })
}

fn count(population: &Population, kind: Kind) -> usize {
    population.records.iter().filter(|record| record.content.kind() == kind).count()
}

#[test]
fn the_same_seed_gives_the_same_community() {
    assert_eq!(hash(&full()), hash(&full()));
    let small = |seed| hash(&Population::generate(seed, today(), Size::Small));
    assert_eq!(small(1), small(1));
    assert_ne!(small(1), small(2));
}

#[test]
fn last_years_numbers_stand_beside_this_years_month_by_month() {
    let population = full();
    let months = |year: &str| {
        let of_year = population.figures.iter().filter(|figure| figure.month.to_string().starts_with(year));
        of_year.map(|figure| figure.month).collect::<std::collections::BTreeSet<_>>().len()
    };
    assert_eq!((months("2025"), months("2026")), (12, 10), "up to the month in which the history begins");
    let sum = |year: &str, name: &str| {
        let of = |figure: &&FigureSeed| figure.name == name && figure.month.to_string().starts_with(year);
        population.figures.iter().filter(of).map(|figure| figure.count).sum::<u64>()
    };
    for name in ["safety", "电动车被盗"] {
        assert!(sum("2025", name) > sum("2026", name) && sum("2026", name) > 0, "{name}");
    }
    let grids: HashSet<_> = population.figures.iter().map(|figure| figure.scope.as_str()).collect();
    assert_eq!(grids.len(), 8, "of grids alone, never of a person");
    let january = Population::generate(7, "2027-01-05".parse().unwrap(), Size::Small).figures;
    let latest = january.iter().map(|figure| figure.month.to_string()).max().unwrap();
    assert_eq!(latest, "2026-12-01", "nothing is counted of a month that has just begun");
}

#[test]
fn a_full_community_has_the_promised_size() {
    let population = full();
    assert!((7_500..=8_500).contains(&population.residents), "{} residents", population.residents);
    let homes = count(&population, Kind::Household);
    assert!((2_850..=3_200).contains(&homes), "{homes} households");
    let scopes = |kind| population.scopes.iter().filter(|scope| scope.kind == kind).count();
    assert_eq!(
        (scopes(ScopeKind::Community), scopes(ScopeKind::Grid), scopes(ScopeKind::TaskGroup)),
        (1, 8, 5)
    );
    let people =
        |prefix: &str| population.people.iter().filter(|person| person.key.starts_with(prefix)).count();
    assert_eq!(
        (people("administrator"), people("lead-"), people("worker-"), people("guard-")),
        (1, 2, 9, 29)
    );

    let mut rounds: BTreeMap<(&str, Day), usize> = BTreeMap::new();
    for record in &population.records {
        if record.content.kind() == Kind::Visit {
            *rounds.entry((&record.author, Zone::china().day(record.occurred_at))).or_default() += 1;
        }
    }
    assert!(rounds.len() >= 9 * 20, "{} rounds", rounds.len());
    assert!(rounds.values().all(|visits| (10..=15).contains(visits)));
    for (kind, least) in [
        (Kind::Diary, 250),
        (Kind::Outreach, 200),
        (Kind::Checklist, 30),
        (Kind::Template, 10),
        (Kind::Review, 200),
    ] {
        assert!(count(&population, kind) >= least, "{} {kind}", count(&population, kind));
    }
    let edited = population.records.iter().filter(|record| !record.edits.is_empty()).count();
    assert!(edited > 100, "{edited} edited");
    let ticked = population.records.iter().filter_map(|record| match record.latest() {
        Content::Checklist(list) => Some(list.ticks.values().map(BTreeMap::len).sum::<usize>()),
        _ => None,
    });
    assert!(ticked.sum::<usize>() > 200);
}

#[test]
fn a_small_community_has_the_promised_size() {
    let population = Population::generate(3, today(), Size::Small);
    assert_eq!(count(&population, Kind::Household), 60);
    let days: HashSet<_> = population
        .records
        .iter()
        .filter(|record| record.content.kind() == Kind::Visit)
        .map(|record| Zone::china().day(record.occurred_at))
        .collect();
    assert_eq!(days.len(), 3);
    assert!((60..=90).contains(&count(&population, Kind::Visit)));
    assert_eq!(population.scopes.iter().filter(|scope| scope.kind == ScopeKind::Grid).count(), 2);
}

#[test]
fn every_content_passes_its_check_and_every_key_is_known() {
    for population in [full(), Population::generate(5, today(), Size::Small)] {
        let scopes: HashSet<_> = population.scopes.iter().map(|scope| scope.key.as_str()).collect();
        let mut ids = HashSet::new();
        let end = Zone::china().start_of(today());
        let mut last = Instant(i64::MIN);
        for record in &population.records {
            assert!(ids.insert(record.id), "{} twice", record.id);
            assert!(scopes.contains(record.scope.as_str()));
            assert!(record.grid.as_deref().is_none_or(|grid| scopes.contains(grid)));
            assert!(record.occurred_at >= last && record.occurred_at < end);
            last = record.occurred_at;
            let mut before = record.occurred_at;
            for edit in &record.edits {
                assert!(edit.at > before && edit.at < end, "{} edited at {:?}", record.id, edit.at);
                before = edit.at;
            }
            for content in contents(record) {
                content.check().unwrap();
                assert_eq!(content.kind(), record.content.kind());
            }
            let writers = std::iter::once(&record.author).chain(record.edits.iter().map(|edit| &edit.author));
            for writer in writers {
                let person = population.person(writer).unwrap();
                let may = person.roles.iter().any(|(scope, role)| {
                    (*scope == record.scope || scope == "community")
                        && [Action::Write, Action::Import]
                            .iter()
                            .any(|action| permits(*role, record.content.kind(), *action))
                });
                assert!(may, "{writer} may not write a {} in {}", record.content.kind(), record.scope);
            }
        }
        let names: HashSet<_> = population.people.iter().map(|person| &person.name).collect();
        assert_eq!(names.len(), population.people.len());
        let subjects = population.records.iter().filter_map(|record| record.content.subject());
        assert!(subjects.into_iter().all(|subject| ids.contains(&subject)));
    }
}

#[test]
fn nobody_in_it_can_be_called_or_identified() {
    let population = full();
    let mut phones = 0;
    for record in &population.records {
        for content in contents(record) {
            if let Content::Household(household) = content {
                phones += usize::from(!household.phone.is_empty());
                assert!(household.phone.is_empty() || household.phone.starts_with("000"), "{}", record.id);
                assert!(household.contact.is_empty() || household.contact.contains("住户"), "{}", record.id);
            }
            let text = content.written();
            let longest = text.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0);
            assert!(longest <= 5, "a number of {longest} digits in {}", record.id);
        }
    }
    assert!(phones > 500);
    let role_words = ["管理", "组长", "网格", "帮教", "便民", "化解", "采集", "联防"];
    assert!(population.people.iter().all(|person| role_words.iter().any(|word| person.name.ends_with(word))));
}

#[test]
fn homes_stand_in_buildings_one_each_and_grids_are_walked_in_order() {
    let population = full();
    let mut dwellings = HashSet::new();
    let mut buildings: BTreeMap<String, HashSet<&str>> = BTreeMap::new();
    let mut orders: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (record, household) in households(&population) {
        let dwelling = household.dwelling.clone().unwrap();
        assert!(dwellings.insert(dwelling.to_string()), "{dwelling} twice");
        assert_eq!(dwelling.to_string().parse::<gridbook_core::model::Dwelling>().unwrap(), dwelling);
        assert!((1..=18).contains(&dwelling.floor()), "{dwelling}");
        buildings.entry(dwelling.building.clone()).or_default().insert(&record.scope);
        orders.entry(&record.scope).or_default().push(dwelling.walking_order());
    }
    assert!(buildings.values().all(|grids| grids.len() == 1), "a building belongs to one grid");
    assert!(buildings.len() > 40);
    assert!(orders.values().all(|order| order.is_sorted()));
    assert!(orders.values().all(|order| (300..=500).contains(&order.len())));

    let position: BTreeMap<RecordId, String> = households(&population)
        .map(|(record, home)| (record.id, home.dwelling.as_ref().unwrap().walking_order()))
        .collect();
    let mut rounds: BTreeMap<(&str, Day), Vec<&String>> = BTreeMap::new();
    let mut busy_until: BTreeMap<&str, Instant> = BTreeMap::new();
    for record in &population.records {
        if let Content::Visit(visit) = &record.content {
            let day = Zone::china().day(record.occurred_at);
            rounds.entry((&record.author, day)).or_default().push(&position[&visit.household]);
            let free = busy_until.insert(&record.author, visit.ended.unwrap());
            assert!(free.is_none_or(|free| visit.started.unwrap() >= free), "in two homes at once");
        }
    }
    assert!(rounds.values().all(|round| round.is_sorted()), "a round follows the stairs");
}

#[test]
fn notes_vary_and_have_a_natural_length() {
    let population = full();
    let mut notes = Vec::new();
    for record in &population.records {
        if let Content::Visit(visit) = &record.content {
            notes.push(visit.note.clone());
        }
    }
    for note in &notes {
        let length = note.chars().count();
        assert!((30..=120).contains(&length) && !note.contains('{'), "{length}: {note}");
    }
    let different: HashSet<_> = notes.iter().collect();
    assert!(different.len() * 10 > notes.len() * 9, "{} of {} differ", different.len(), notes.len());
    let returned = |record: &RecordSeed| matches!(&record.content, Content::Review(review) if review.mark == Some(Mark::Returned));
    assert!(population.records.iter().any(returned));

    let mut writer = NoteWriter::new(11);
    let notes: Vec<_> = (0..6_000).map(|_| writer.note(80)).collect();
    assert!(notes.iter().all(|note| note.chars().count() == 80 && !note.contains('{')));
    let about_fraud = notes.iter().filter(|note| note.contains("反诈")).count();
    assert!((850..=1_150).contains(&about_fraud), "{about_fraud} of 6,000");
    assert!(notes.iter().collect::<HashSet<_>>().len() > 5_990);
    assert_eq!(NoteWriter::new(11).note(80), notes[0]);
}

#[test]
fn keys_in_lists_become_the_ids_of_the_server() {
    let population = Population::generate(5, today(), Size::Small);
    let list = population.records.iter().find_map(|record| match record.latest() {
        Content::Checklist(list) if !list.ticks.is_empty() => Some(list.clone()),
        _ => None,
    });
    let list = list.unwrap();
    let scope = |key: &str| Some(ScopeId(format!("s:{key}")));
    let person = |key: &str| population.person(key).map(|person| PersonId(format!("p:{}", person.key)));
    let Content::Checklist(named) = with_ids(list.clone().into(), &scope, &person) else {
        panic!("a checklist")
    };
    assert_eq!(named.group.0, format!("s:{}", list.group));
    let tickers: Vec<_> = named.ticks.values().flat_map(BTreeMap::keys).collect();
    assert!(!tickers.is_empty() && tickers.iter().all(|ticker| ticker.as_str().starts_with("p:")));
    assert!(named.assignees.values().flat_map(|people| people.iter()).all(|id| id.starts_with("p:")));
    let member = |role: &Role| *role == Role::Member;
    assert!(population.people.iter().flat_map(|person| &person.roles).any(|(_, role)| member(role)));
}
