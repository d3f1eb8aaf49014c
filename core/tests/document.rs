//! Documents: written, read back, edited by several phones that do not see each other, and explained.

#![allow(clippy::unwrap_used, reason = "a test stops where it breaks")]
#![allow(unreachable_pub, reason = "the samples are shared by several tests")]

mod samples;

use std::collections::BTreeSet;

use gridbook_core::Error;
use gridbook_core::clock::Instant;
use gridbook_core::doc::{
    Document, Edits, FieldChange, NewChange, ParsedChange, State, edits_between, read_single,
};
use gridbook_core::id::{ActorId, PersonId};
use gridbook_core::model::{Body, Checklist, Content, DiaryEntry, Fields, Header, Kind, Scalar, Visit};
use samples::{day, full, header, id, tags, template};

const WANG: ActorId = ActorId([1; 16]);
const LI: ActorId = ActorId([2; 16]);
const LEAD: ActorId = ActorId([3; 16]);

fn at(minute: i64) -> Instant {
    Instant(1_795_000_000_000 + minute * 60_000)
}

fn text(value: &str) -> Scalar {
    Scalar::Text(value.into())
}

/// The fields of a whole record.
fn record(header: &Header, content: &Content) -> Fields {
    let mut fields = header.fields();
    fields.extend(content.fields());
    fields
}

/// The edits that create it.
fn creation(fields: &Fields) -> Edits {
    fields.iter().map(|(path, value)| (path.clone(), Some(value.clone()))).collect()
}

/// The edit of one field.
fn set(path: &str, value: Scalar) -> Edits {
    Edits::from([(path.to_owned(), Some(value))])
}

/// A phone's copy of one record.
struct Phone {
    actor: ActorId,
    document: Document,
}

impl Phone {
    fn new(actor: ActorId) -> Self {
        Self { actor, document: Document::new() }
    }

    fn write(&mut self, minute: i64, edits: &Edits) -> NewChange {
        self.document.write(self.actor, at(minute), edits).unwrap().unwrap()
    }

    /// Edits the content as a screen does.
    fn edit<B: Body>(&mut self, minute: i64, change: impl FnOnce(&mut B)) {
        let base = self.document.fields();
        let mut content: B = B::from_content(Content::from_fields(B::KIND, &base).unwrap()).unwrap();
        let before = content.clone().into().fields();
        change(&mut content);
        let edits = edits_between(&before, &content.into().fields(), B::FIELDS);
        self.write(minute, &edits);
    }

    fn content<B: Body>(&self) -> B {
        B::from_content(Content::from_fields(B::KIND, &self.document.fields()).unwrap()).unwrap()
    }

    /// Takes over what the other phone has and this one has not.
    fn take(&mut self, other: &Phone) {
        for change in other.document.changes() {
            self.document.apply(&change).unwrap();
        }
    }
}

/// Both phones hear of each other, and agree.
fn meet(one: &mut Phone, other: &mut Phone) {
    one.take(other);
    other.take(one);
    assert_eq!(one.document.fields(), other.document.fields());
    assert_eq!(one.document.version().fingerprint(), other.document.version().fingerprint());
    assert_eq!(one.document.conflicts(), other.document.conflicts());
}

/// Two phones that hold the same record.
fn two_phones(content: impl Into<Content>) -> (Phone, Phone) {
    let content = content.into();
    let header = Header { voided: None, ..header(content.kind()) };
    let mut wang = Phone::new(WANG);
    wang.write(0, &creation(&record(&header, &content)));
    let mut li = Phone::new(LI);
    li.take(&wang);
    (wang, li)
}

fn visit() -> Visit {
    Visit {
        household: id("household"),
        note: "敲门无人".into(),
        purposes: tags(&["routine"]),
        ..Visit::default()
    }
}

#[test]
fn every_kind_reads_back_and_reads_the_same_from_its_only_change() {
    for content in full() {
        let fields = record(&header(content.kind()), &content);
        let mut phone = Phone::new(WANG);
        let change = phone.write(0, &creation(&fields));
        assert_eq!(phone.document.fields(), fields, "{}", content.kind());

        let parsed = ParsedChange::parse(&change.bytes).unwrap();
        assert_eq!(read_single(&parsed).unwrap(), fields, "{}", content.kind());
        assert_eq!(State::of_single(&parsed).unwrap(), State::of(&phone.document));
        assert_eq!((parsed.hash(), parsed.actor(), parsed.seq(), parsed.at()), (change.hash, WANG, 1, at(0)));
        assert!(parsed.is_first() && parsed.is_canonical());

        let loaded = Document::load([&change.bytes]).unwrap();
        assert_eq!(loaded.fields(), fields);
        assert_eq!(Content::from_fields(content.kind(), &loaded.fields()).unwrap(), content);
    }
}

#[test]
fn running_text_of_any_script_reads_the_same_both_ways() {
    for body in [
        "",
        "a",
        "民情日记",
        "👮‍♀️🚒🔥👨‍👩‍👧‍👦",
        "𠮷野家\u{200d}\u{fe0f}",
        "e\u{301}\r\n\t\u{0}末",
        &"长日记。".repeat(500),
    ] {
        let entry = DiaryEntry { text: body.into(), date: Some(day("2026-11-23")), ..DiaryEntry::default() };
        let fields = record(&header(Kind::Diary), &entry.clone().into());
        let mut phone = Phone::new(WANG);
        let change = phone.write(0, &creation(&fields));
        let single = read_single(&ParsedChange::parse(&change.bytes).unwrap()).unwrap();
        assert_eq!(single, phone.document.fields());
        assert_eq!(phone.content::<DiaryEntry>(), entry);
    }
}

#[test]
fn a_second_change_is_not_read_as_if_it_were_the_only_one() {
    let (mut wang, _) = two_phones(visit());
    let second = wang.write(1, &set("note", text("见到了")));
    let parsed = ParsedChange::parse(&second.bytes).unwrap();
    assert_eq!(read_single(&parsed), None);
    assert_eq!((parsed.seq(), parsed.is_first()), (2, false));
    assert!(matches!(Document::load([&second.bytes]), Err(Error::Document(_))), "its dependency is missing");
    assert!(Document::new().apply(&parsed).is_err());
    let none = wang.document.write(WANG, at(2), &Edits::new()).unwrap();
    assert_eq!((none, wang.document.change_count(), wang.document.last_seq(&WANG)), (None, 2, 2));
}

#[test]
fn two_edits_of_one_field_are_both_kept_until_someone_chooses() {
    let (mut wang, mut li) = two_phones(visit());
    wang.edit(1, |visit: &mut Visit| visit.note = "王写的".into());
    li.edit(2, |visit: &mut Visit| visit.note = "李写的".into());
    li.edit(3, |visit: &mut Visit| visit.companions = "赵联防".into());
    meet(&mut wang, &mut li);

    let conflicts = wang.document.conflicts();
    assert_eq!(conflicts.len(), 1, "the other field is no conflict");
    assert_eq!(conflicts[0].field, "note");
    let mut candidates: Vec<_> =
        conflicts[0].candidates.iter().map(|c| (c.actor, c.at, c.value.clone())).collect();
    candidates.sort();
    assert_eq!(candidates, [(WANG, at(1), text("王写的")), (LI, at(2), text("李写的"))]);
    let shown = conflicts[0].candidates.last().unwrap().value.as_text().unwrap().to_owned();
    assert_eq!(wang.content::<Visit>().note, shown);
    assert_eq!(wang.content::<Visit>().companions, "赵联防");
    assert_eq!(State::of(&wang.document).conflicts, 1);

    // Choosing the value that is not shown, and choosing the one that is, both close it.
    for chosen in ["王写的", "李写的"] {
        let mut lead = Phone::new(LEAD);
        lead.take(&wang);
        lead.write(9, &set("note", text(chosen)));
        assert_eq!(lead.document.conflicts(), []);
        assert_eq!(lead.content::<Visit>().note, chosen);
        let mut other = Phone { actor: LI, document: li.document.clone() };
        other.take(&lead);
        assert_eq!(other.document.conflicts(), []);
        assert_eq!(other.content::<Visit>().note, chosen);
    }
}

#[test]
fn two_people_who_wrote_the_same_do_not_disagree() {
    let (mut wang, mut li) = two_phones(visit());
    for phone in [&mut wang, &mut li] {
        phone.edit(1, |visit: &mut Visit| {
            visit.note = "同样的话".into();
            visit.hazards = tags(&["gas"]);
        });
    }
    meet(&mut wang, &mut li);
    assert_eq!(wang.document.conflicts(), []);
    assert_eq!(wang.content::<Visit>().note, "同样的话");
}

#[test]
fn sets_merge_element_by_element() {
    let (mut wang, mut li) = two_phones(Visit { purposes: tags(&["routine", "care", "service"]), ..visit() });
    wang.edit(1, |visit: &mut Visit| visit.purposes = tags(&["routine", "service", "anti_fraud"]));
    li.edit(1, |visit: &mut Visit| visit.purposes = tags(&["routine", "care", "safety_check"]));
    meet(&mut wang, &mut li);
    assert_eq!(wang.content::<Visit>().purposes, tags(&["routine", "anti_fraud", "safety_check"]));
    assert_eq!(wang.document.conflicts(), []);
    // One takes an element out, the other takes it out and puts it in again: it stays in.
    wang.edit(2, |visit: &mut Visit| visit.purposes = tags(&["anti_fraud", "safety_check"]));
    li.edit(2, |visit: &mut Visit| visit.purposes = tags(&["anti_fraud", "safety_check"]));
    li.edit(3, |visit: &mut Visit| visit.purposes = tags(&["anti_fraud", "safety_check", "routine"]));
    meet(&mut wang, &mut li);
    assert!(wang.content::<Visit>().purposes.has("routine"));
}

#[test]
fn a_diary_text_weaves_both_edits_together() {
    let entry = DiaryEntry { text: "上午走访三户。下午巡查。".into(), ..DiaryEntry::default() };
    let (mut wang, mut li) = two_phones(entry);
    wang.edit(1, |entry: &mut DiaryEntry| entry.text = "上午走访三户，一户未遇。下午巡查。".into());
    li.edit(1, |entry: &mut DiaryEntry| entry.text = "上午走访三户。下午巡查，清走杂物🧹。".into());
    meet(&mut wang, &mut li);
    assert_eq!(wang.content::<DiaryEntry>().text, "上午走访三户，一户未遇。下午巡查，清走杂物🧹。");
    assert_eq!(wang.document.conflicts(), []);
    // Emptied on one phone, added to on the other: what was added survives.
    wang.edit(2, |entry: &mut DiaryEntry| entry.text = String::new());
    li.edit(2, |entry: &mut DiaryEntry| entry.text.push_str("补充"));
    meet(&mut wang, &mut li);
    assert_eq!(wang.content::<DiaryEntry>().text, "补充");
}

#[test]
fn clearing_a_field_against_an_edit_shows_both() {
    let (mut wang, mut li) = two_phones(Visit { next_visit: Some(day("2026-11-25")), ..visit() });
    wang.edit(1, |visit: &mut Visit| {
        visit.next_visit = None;
        visit.note = String::new();
    });
    assert_eq!((wang.content::<Visit>().next_visit, wang.content::<Visit>().note), (None, String::new()));
    li.edit(1, |visit: &mut Visit| {
        visit.next_visit = Some(day("2026-12-01"));
        visit.note = "还要再去".into();
    });
    meet(&mut wang, &mut li);
    let conflicts = wang.document.conflicts();
    assert_eq!(
        conflicts.iter().map(|conflict| conflict.field.as_str()).collect::<Vec<_>>(),
        ["next_visit", "note"]
    );
    for (conflict, written) in conflicts.iter().zip(["2026-12-01", "还要再去"]) {
        let values: Vec<_> = conflict.candidates.iter().map(|candidate| &candidate.value).collect();
        assert!(values.contains(&&Scalar::Null) && values.contains(&&text(written)), "{values:?}");
    }
    // Nothing to clear a second time.
    let cleared = wang.document.fields();
    let edits = edits_between(&cleared, &cleared, Visit::FIELDS);
    assert!(edits.is_empty());
}

#[test]
fn an_edit_on_an_older_version_does_not_hide_what_its_author_never_saw() {
    let (mut wang, mut li) = two_phones(visit());
    let seen = wang.document.version();
    li.edit(1, |visit: &mut Visit| {
        visit.note = "李改的".into();
        visit.requests = "修灯".into();
    });
    wang.take(&li);
    // The form was open since before 李's change arrived.
    let change = wang.document.write_at(&seen, WANG, at(2), &set("note", text("王改的"))).unwrap().unwrap();
    assert_eq!(ParsedChange::parse(&change.bytes).unwrap().deps().collect::<Vec<_>>(), seen.0);
    let conflicts = wang.document.conflicts();
    assert_eq!(conflicts.len(), 1);
    assert_eq!(conflicts[0].candidates.len(), 2);
    assert_eq!(wang.content::<Visit>().requests, "修灯");
    li.take(&wang);
    assert_eq!(li.document.fields(), wang.document.fields());

    // Having seen everything, it replaces both.
    let seen = wang.document.version();
    assert_eq!(seen.0.len(), 2);
    wang.document.write_at(&seen, WANG, at(3), &set("note", text("说定了"))).unwrap().unwrap();
    assert_eq!(wang.document.conflicts(), []);
    // A second save from the same open form goes on top: an actor's own changes are one line.
    wang.document.write_at(&seen, WANG, at(4), &set("note", text("再改"))).unwrap().unwrap();
    assert_eq!((wang.document.conflicts(), wang.content::<Visit>().note), (vec![], "再改".into()));
    assert_eq!(wang.document.last_seq(&WANG), 4);
    let all = wang.document.changes();
    assert_eq!(Document::load(all.iter().map(ParsedChange::bytes)).unwrap().fields(), wang.document.fields());
}

#[test]
fn a_list_that_two_phones_made_offline_is_one_list_with_both_ticks() {
    let (_, list) = template().instance(id("template"), day("2026-11-23")).unwrap();
    let make = |actor: ActorId, person: &str, minute| {
        let header = Header { author: PersonId::from(person), voided: None, ..header(Kind::Checklist) };
        let mut phone = Phone::new(actor);
        phone.write(minute, &creation(&record(&header, &list.clone().into())));
        phone.edit(minute + 1, |list: &mut Checklist| {
            list.ticks.entry("patrol".into()).or_default().insert(PersonId::from(person), at(minute + 1));
        });
        phone
    };
    let (mut wang, mut li) = (make(WANG, "pwang", 0), make(LI, "pli", 5));
    meet(&mut wang, &mut li);
    assert_eq!(wang.document.conflicts(), [], "the same list is no disagreement, whoever made it first");
    let merged = wang.content::<Checklist>();
    let tickers: Vec<_> = merged.ticks["patrol"].keys().map(PersonId::as_str).collect();
    assert_eq!(tickers, ["pli", "pwang"]);
    assert_eq!(merged.items, list.items);
    // Unticked by one while the other ticks something else.
    wang.edit(9, |list: &mut Checklist| {
        list.ticks.get_mut("patrol").unwrap().remove(&PersonId::from("pwang"));
    });
    li.edit(9, |list: &mut Checklist| {
        list.ticks.entry("alarm".into()).or_default().insert(PersonId::from("pli"), at(9));
    });
    meet(&mut wang, &mut li);
    let merged = wang.content::<Checklist>();
    assert_eq!((merged.ticks["patrol"].len(), merged.ticks["alarm"].len()), (1, 1));
    assert_eq!(wang.document.conflicts(), []);
    // A title changed on both is a disagreement.
    wang.edit(10, |list: &mut Checklist| list.items.get_mut("alarm").unwrap().title = "甲".into());
    li.edit(10, |list: &mut Checklist| list.items.get_mut("alarm").unwrap().title = "乙".into());
    meet(&mut wang, &mut li);
    assert_eq!(wang.document.conflicts()[0].field, "items/alarm/title");
}

#[test]
fn the_history_says_who_changed_what_when_from_and_to() {
    let (mut wang, mut li) = two_phones(visit());
    li.edit(5, |visit: &mut Visit| {
        visit.note = "改过".into();
        visit.hazards = tags(&["gas"]);
    });
    wang.take(&li);
    wang.edit(6, |visit: &mut Visit| {
        visit.hazards = tags(&[]);
        visit.note = String::new();
    });
    let history = wang.document.history().unwrap();
    let who: Vec<_> = history.iter().map(|step| (step.actor, step.at)).collect();
    assert_eq!(who, [(WANG, at(0)), (LI, at(5)), (WANG, at(6))]);
    assert!(history[0].changes.iter().all(|change| change.from.is_none() && change.to.is_some()));
    let change =
        |field: &str, from: Option<Scalar>, to: Option<Scalar>| FieldChange { field: field.into(), from, to };
    let flag = Some(Scalar::Flag(true));
    assert_eq!(
        history[1].changes,
        [
            change("hazards/gas", None, flag.clone()),
            change("note", Some(text("敲门无人")), Some(text("改过")))
        ]
    );
    let mut last = history[2].changes.clone();
    last.sort_by(|one, other| one.field.cmp(&other.field));
    assert_eq!(last, [change("hazards/gas", flag, None), change("note", Some(text("改过")), None)]);
    assert_eq!(wang.document.span(), (at(0), at(6)));
    // What it was at an earlier version can be read again.
    let first = Document::load([wang.document.changes()[0].bytes()]).unwrap();
    assert_eq!(wang.document.fields_at(&first.version()), first.fields());
}

#[test]
fn the_history_keeps_a_value_that_was_not_chosen() {
    let (mut wang, mut li) = two_phones(visit());
    wang.edit(5, |visit: &mut Visit| visit.note = "甲说".into());
    li.edit(6, |visit: &mut Visit| visit.note = "乙说".into());
    meet(&mut wang, &mut li);
    wang.write(7, &set("note", text("合并后")));
    let notes = |document: &Document| -> BTreeSet<_> {
        let steps = document.history().unwrap().into_iter();
        let told = steps.flat_map(|step| step.changes.into_iter().map(move |change| (step.actor, change)));
        let notes = told.filter(|(_, change)| change.field == "note");
        notes.filter_map(|(actor, change)| Some((actor, change.from, change.to?))).collect()
    };
    let first = Some(text("敲门无人"));
    let told = notes(&wang.document);
    assert!(told.contains(&(WANG, first.clone(), text("甲说"))), "{told:?}");
    assert!(told.contains(&(LI, first, text("乙说"))), "{told:?}");
    assert!(told.iter().any(|(actor, _, to)| *actor == WANG && *to == text("合并后")), "{told:?}");
}

#[test]
fn fields_of_a_newer_version_survive_an_edit() {
    let (mut wang, _) = two_phones(visit());
    wang.write(1, &set("of_a_newer_version", Scalar::Number(7)));
    wang.edit(2, |visit: &mut Visit| visit.note = "旧手机改的".into());
    assert_eq!(wang.document.fields()["of_a_newer_version"], Scalar::Number(7));
    assert_eq!(wang.content::<Visit>().note, "旧手机改的");
}

#[test]
fn the_saved_document_opens_in_automerge_itself() {
    let (mut wang, mut li) = two_phones(visit());
    wang.edit(1, |visit: &mut Visit| visit.note = "甲".into());
    li.edit(1, |visit: &mut Visit| visit.note = "乙".into());
    meet(&mut wang, &mut li);
    let opened = automerge::Automerge::load(&wang.document.save()).unwrap();
    use automerge::ReadDoc;
    let (kind, _) = opened.get(automerge::ROOT, "kind").unwrap().unwrap();
    assert_eq!(kind.as_str(), Some("visit"));
    assert_eq!(opened.get_all(automerge::ROOT, "note").unwrap().len(), 2);
    let flag = opened.get(automerge::ROOT, "purposes/routine").unwrap().unwrap().0;
    assert_eq!(flag.as_bool(), Some(true));
}
