//! Every role does everything with every kind of record over the real HTTP API and at the console, and gets exactly what
//! the table below says, which is what the code's table says. What no route carries is done as its command does it.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod asker;
mod browser;
mod common;

use asker::{Api, Asker, unbounded};
use common::{Phone, Site, diary, visit};
use gridbook_core::doc::NewChange;
use gridbook_core::id::{Chain, PersonId, RecordId, ScopeId};
use gridbook_core::model::{
    Action, Checklist, Content, Household, Kind, Mark, Outreach, OutreachForm, Recurrence, Review, Role,
    Scalar, ScopeKind, Template, TemplateItem, Voided, allows, lives_in,
};
use gridbook_core::sync::notice::Why;
use gridbook_core::sync::protocol::{Cursor, Push, Receipt, SyncRequest};
use gridbook_server::db::Meant;
use serde_json::{Value, json};

/// Invented, and of no number range in use.
const NUMBER: &str = "13800000000";
const MASKED: &str = "138****0000";

/// r read, w write, v void, m mark with a review, h history, n reveal numbers, e export, i import, x erase, o hand over,
/// q equip, g manage, a audit; written out by hand, independently of the code. Rows are roles in a community (a member: in its
/// task groups), columns are kinds, reviews once about a grid's record and once about a task group's.
const TABLE: &str = "
                household  visit     diary     outreach  checklist  template  review.grid  review.group
administrator   rhixoqg    xoqg      xoqg      xoqg      rwvhxoqg   rwvhxoqg  xoqg         rxoqg
lead            rwvmhneoq  rwvmhneoq rwvmhneoq rwvmhneoq rwvmhneoq  rwvmhneoq rwvhneoq     rwvhneoq
worker          rwvhn      rwvhn     rwvhn     rwvhn     rwvhn      rh        rh           rh
member          -          -         -         -         rwvh       rh        -            rh
auditor         rha        rha       rha       rha       rha        rha       rha          rha
";

/// The letter of an action. A new one has none here, nor a way in [`World::tries`]: neither compiles.
fn letter(action: Action) -> char {
    match action {
        Action::Read => 'r',
        Action::Write => 'w',
        Action::Void => 'v',
        Action::Review => 'm',
        Action::History => 'h',
        Action::Reveal => 'n',
        Action::Export => 'e',
        Action::Import => 'i',
        Action::Erase => 'x',
        Action::HandOver => 'o',
        Action::Equip => 'q',
        Action::Manage => 'g',
        Action::Audit => 'a',
    }
}

/// The kinds of which there is a register.
const LEDGERS: [Kind; 5] = [Kind::Household, Kind::Visit, Kind::Diary, Kind::Outreach, Kind::Checklist];

/// A kind in one of the places in which it lives.
#[derive(Clone, Copy, Debug)]
struct Column {
    kind: Kind,
    place: ScopeKind,
}

impl Column {
    fn all() -> Vec<Self> {
        let places = [ScopeKind::Grid, ScopeKind::TaskGroup];
        let columns = Kind::ALL.into_iter().flat_map(|kind| places.map(|place| Self { kind, place }));
        columns.filter(|column| lives_in(column.kind, column.place)).collect()
    }

    fn name(self) -> String {
        match (self.kind, self.place) {
            (Kind::Review, ScopeKind::TaskGroup) => "review.group".to_owned(),
            (Kind::Review, _) => "review.grid".to_owned(),
            (kind, _) => kind.as_str().to_owned(),
        }
    }

    fn in_group(self) -> bool {
        self.place == ScopeKind::TaskGroup
    }

    /// What a review of this column is about.
    fn subject(self) -> Kind {
        if self.in_group() { Kind::Checklist } else { Kind::Visit }
    }

    /// A text field of it.
    fn editable(self) -> &'static str {
        match self.kind {
            Kind::Outreach => "place",
            Kind::Checklist | Kind::Template => "title",
            _ => "note",
        }
    }
}

fn content(kind: Kind, group: &ScopeId, subject: RecordId) -> Content {
    let text = format!("电话{NUMBER}");
    match kind {
        Kind::Household => {
            Household { dwelling: "3-1-501".parse().ok(), phone: NUMBER.into(), ..Household::default() }
                .into()
        }
        Kind::Visit => visit(&text).into(),
        Kind::Diary => diary("2026-11-23", &text).into(),
        Kind::Outreach => {
            Outreach { form: Some(OutreachForm::Talk), place: text, ..Outreach::default() }.into()
        }
        Kind::Checklist => Checklist { title: text, group: group.clone(), ..Checklist::default() }.into(),
        Kind::Template => Template {
            title: text,
            group: group.clone(),
            recurs: Some(Recurrence::Daily),
            items: [("a1".to_owned(), TemplateItem { title: "查".into(), ..TemplateItem::default() })].into(),
            ..Template::default()
        }
        .into(),
        Kind::Review => Review { subject, mark: Some(Mark::Seen), note: text, covers: String::new() }.into(),
        other => panic!("{other} has no sample here"),
    }
}

/// True if a list of exports offers records of a kind.
fn offers(list: &str, kind: Kind) -> bool {
    let list: Value = serde_json::from_str(list).unwrap();
    let exports = list["exports"].as_array().unwrap();
    let found = exports.iter().find(|one| one["kind"] == kind.as_str()).unwrap().clone();
    assert_eq!(found["records"].is_u64(), found["reason"].is_null());
    found["records"].is_u64()
}

/// True if the server took the change; a refusal must say that it was not permitted, or that there is no
/// such place for the sender.
async fn taken(phone: &mut Phone, scope: &ScopeId, id: RecordId, change: &NewChange) -> bool {
    let mut request = phone.request(&[]);
    request.page = 1;
    let known = request.cursors.iter().position(|cursor| cursor.scope == *scope);
    let index = known.unwrap_or_else(|| {
        request.cursors.push(Cursor { scope: scope.clone(), seq: 0, chain: Chain::START });
        request.cursors.len() - 1
    });
    request.push = vec![Push(id, index as u16, change.bytes.clone())];
    let response = phone.send(&request).await.unwrap();
    match &response.receipts[0] {
        Receipt::Accepted(_) => true,
        Receipt::Refused(reason) => {
            assert!(["not_permitted", "wrong_scope"].contains(&reason.as_str()), "{reason}");
            false
        }
        other => panic!("{other:?}"),
    }
}

/// True for `granted`, false for a refusal; nothing else is an answer to a question of permission.
fn permitted(status: u16, granted: u16) -> bool {
    assert!([granted, 403, 404].contains(&status), "{status} is neither {granted} nor a refusal");
    status == granted
}

/// A community with two grids and two task groups, and a lead who writes what the others try their rights on.
struct World {
    site: Site,
    group: ScopeId,
    second_group: ScopeId,
    second_grid: ScopeId,
    author: Phone,
    looker: Api,
    /// Somebody who is granted roles and loses them again.
    helped: PersonId,
    imports: usize,
}

impl World {
    async fn new() -> Self {
        let site = Site::open_with(unbounded()).await;
        let second_grid =
            site.server.admin().add_scope(&site.community, ScopeKind::Grid, "第二网格").await.unwrap();
        let (group, second_group) = (site.group("安全防范").await, site.group("便民服务").await);
        let author = site.person("样例作者", Role::Lead, &site.community).await;
        let author = site.phone_of(&author).await;
        let looker = site.person("样例读者", Role::Lead, &site.community).await;
        let looker = Api::of(&site, &looker).await;
        let helped = site.person("样例新人", Role::Auditor, &site.community).await;
        Self { site, group, second_group, second_grid, author, looker, helped, imports: 0 }
    }

    fn scope(&self, column: Column) -> ScopeId {
        if column.in_group() { self.group.clone() } else { self.site.grid.clone() }
    }

    /// A new record of a column, and what it is about.
    async fn record(&mut self, column: Column) -> (RecordId, RecordId) {
        // Lists show the latest first.
        self.site.clock.forward(1_000);
        let about = self.author.begin(content(column.subject(), &self.group, RecordId::default()));
        let subject = about.0;
        let begun = self.author.begin(content(column.kind, &self.group, subject));
        let (id, scope) = (begun.0, self.scope(column));
        let changes = [about, begun];
        let pushes: Vec<_> = changes.iter().map(|(id, change)| (*id, &scope, &change.bytes[..])).collect();
        let request = SyncRequest { page: 1, ..self.author.request(&pushes) };
        let receipts = self.author.send(&request).await.unwrap().receipts;
        assert!(receipts.iter().all(|receipt| matches!(receipt, Receipt::Accepted(_))), "{receipts:?}");
        (id, subject)
    }

    /// Tries an action on a new record of the column, each way there is; true if it was done.
    async fn tries(&mut self, who: &mut Asker, action: Action, column: Column) -> bool {
        let (id, subject) = self.record(column).await;
        match action {
            Action::Read => self.reads(who, id, column).await,
            Action::Write => self.writes(who, id, subject, column).await,
            Action::Void => self.voids(who, id, column).await,
            Action::Review => self.marks(who, id, column).await,
            Action::History => self.looks_back(who, id, column).await,
            Action::Reveal => {
                let (status, body) = who.api.reveal(id).await;
                assert_eq!(status == 200, body.contains(NUMBER));
                permitted(status, 200)
            }
            Action::Export => self.exports(who, id, column).await,
            Action::Import => self.imports(who, column).await,
            Action::Erase => self.erases(who, id).await,
            Action::HandOver => self.hands_over(who, id, column).await,
            Action::Equip => self.equips(who, column).await,
            Action::Manage => self.manages(who, column).await,
            Action::Audit => self.audits(who, id, column).await,
        }
    }

    async fn reads(&self, who: &mut Asker, id: RecordId, column: Column) -> bool {
        let (status, body) = who.api.get(&format!("/v1/records/{id}")).await;
        let may = permitted(status, 200);
        assert!(may || status == 404, "what one may not read is not there");
        let listed = who.api.get(&format!("/v1/records?kind={}&limit=200", column.kind)).await.1;
        assert_eq!(may, listed.contains(&id.to_string()), "one record and the list agree");
        assert!(!body.contains(NUMBER) && !listed.contains(NUMBER), "masked");
        assert_eq!(may, body.contains(MASKED));
        if who.browser.seated {
            let page = who.browser.get(&format!("/console/records/{id}")).await;
            // A mark has no page of its own.
            assert_eq!(page.status == 200, may && column.kind != Kind::Review, "the console agrees");
            assert!(page.status == 200 || page.status == 404);
            let found = who.browser.get(&format!("/console/records?kind={}", column.kind)).await.text;
            assert_eq!(found.contains(&id.to_string()), page.status == 200, "and its lists");
            assert!(!page.text.contains(NUMBER) && !found.contains(NUMBER));
        }
        may
    }

    async fn writes(&self, who: &mut Asker, id: RecordId, subject: RecordId, column: Column) -> bool {
        let (phone, scope) = (&mut who.phone, self.scope(column));
        let new = phone.begin(content(column.kind, &self.group, subject));
        let may = taken(phone, &scope, new.0, &new.1).await;
        phone.documents.insert(id, self.author.documents[&id].clone());
        let edit = phone.edit(id, column.editable(), "改过");
        // A review speaks for who gave it: nobody else edits it.
        let may_edit = may && column.kind != Kind::Review;
        assert_eq!(taken(phone, &scope, id, &edit).await, may_edit, "begin and edit agree");
        may
    }

    async fn voids(&self, who: &mut Asker, id: RecordId, column: Column) -> bool {
        let (phone, scope) = (&mut who.phone, self.scope(column));
        phone.documents.insert(id, self.author.documents[&id].clone());
        let voided =
            Voided { by: phone.person.clone(), at: phone.surroundings.now(), reason: "误记".into() };
        let void = phone.write(id, "voided", Scalar::Text(serde_json::to_string(&voided).unwrap()));
        taken(phone, &scope, id, &void).await
    }

    async fn marks(&self, who: &mut Asker, id: RecordId, column: Column) -> bool {
        let mark = who.phone.begin(content(Kind::Review, &self.group, id));
        let may = taken(&mut who.phone, &self.scope(column), mark.0, &mark.1).await;
        if who.browser.seated {
            let (record, version) = (id.to_string(), self.author.documents[&id].version().fingerprint());
            let fields = [("record", record.as_str()), ("version", &version), ("mark", "seen")];
            let answer = who.browser.post("/console/diary/mark", &fields).await;
            assert_eq!(permitted(answer.status, 303), may, "the console agrees");
        }
        may
    }

    async fn looks_back(&self, who: &mut Asker, id: RecordId, column: Column) -> bool {
        let (status, body) = who.api.get(&format!("/v1/records/{id}/history")).await;
        let may = permitted(status, 200);
        assert!(!body.contains(NUMBER) && may == body.contains(MASKED));
        if who.browser.seated {
            let page = who.browser.get(&format!("/console/records/{id}")).await.text;
            let shown = page.contains("id=\"history\"");
            assert_eq!(shown, may && column.kind != Kind::Review, "the console agrees");
        }
        may
    }

    async fn exports(&self, who: &mut Asker, id: RecordId, column: Column) -> bool {
        let (kind, scope) = (column.kind, self.scope(column));
        let path = format!("/v1/exports/{kind}?format=jsonl&from=2000-01-01&scope={scope}");
        let (status, body) = who.api.get(&path).await;
        let may = permitted(status, 200);
        assert_eq!(may, body.contains(&id.to_string()));
        assert!(!body.contains(NUMBER));
        let offered = who.api.get(&format!("/v1/exports?from=2000-01-01&scope={scope}")).await;
        assert_eq!(offered.0 == 200 && offers(&offered.1, kind), may, "offered and given");
        let registered = LEDGERS.contains(&kind);
        for format in ["xlsx", "csv"] {
            let told = who.api.get_bytes(&path.replace("jsonl", format)).await.0;
            assert_eq!((told == 200, told == 400), (may && registered, !registered), "{format}");
            if who.browser.seated {
                let fields = [
                    ("kind", kind.as_str()),
                    ("format", format),
                    ("scope", scope.as_str()),
                    ("from", "2026-11-01"),
                    ("to", "2026-11-30"),
                ];
                let told = who.browser.post("/console/ledgers/file", &fields).await.status;
                assert_eq!((told == 200, told == 400), (may && registered, !registered), "console, {format}");
            }
        }
        may
    }

    /// No route imports; the command writes in the name of whoever may, in a community where that is this role alone.
    async fn imports(&mut self, who: &Asker, column: Column) -> bool {
        let admin = self.site.server.admin();
        self.imports += 1;
        let community = admin.add_community(&format!("社区{}", self.imports)).await.unwrap();
        let grid = admin.add_scope(&community, ScopeKind::Grid, "网格").await.unwrap();
        let roles = admin
            .roll()
            .await
            .unwrap()
            .grants
            .into_iter()
            .filter(|row| row.person == who.phone.person && row.revoked.is_none());
        for row in roles.collect::<Vec<_>>() {
            if admin.grant(&who.phone.person, row.grant.role, &community).await.is_err() {
                assert_eq!(row.grant.role, Role::Member, "a member has nothing in a community as a whole");
            }
        }
        let imported = admin.import("名册.csv", "住址,分类\n3-1-501,红\n".as_bytes(), &grid, false).await;
        let there = self.site.server.service().database().company(&grid, &Meant::All).await.unwrap();
        assert_eq!(imported.is_ok(), !there.is_empty(), "{imported:?}");
        if imported.is_ok() {
            let row = self.site.server.service().database().record(&there[0].0).await.unwrap().unwrap();
            assert_eq!(row.author, who.phone.person);
        }
        for role in Role::ALL {
            admin.revoke_grant(&who.phone.person, role, &community).await.unwrap();
        }
        there.iter().any(|(_, kind)| *kind == column.kind)
    }

    /// No route erases; the command does, in the name of who decided it.
    async fn erases(&self, who: &Asker, id: RecordId) -> bool {
        assert_eq!(who.api.delete(&format!("/v1/records/{id}")).await, 405);
        let erased = self.site.server.admin().erase(&who.phone.person, vec![id], Why::Request).await;
        if let Err(refused) = &erased {
            assert!(refused.to_string().contains("may not erase"), "{refused}");
        }
        let row = self.site.server.service().database().record(&id).await.unwrap();
        assert_eq!(erased.is_ok(), row.is_none());
        erased.is_ok()
    }

    async fn hands_over(&self, who: &mut Asker, id: RecordId, column: Column) -> bool {
        let (from, to) = if column.in_group() {
            (&self.group, &self.second_group)
        } else {
            (&self.site.grid, &self.second_grid)
        };
        let fields = [("from", from.as_str()), ("to", to.as_str()), ("what", "all"), ("why", "staff")];
        let at_console = who.browser.post("/console/hand-over", &fields).await;
        let asked = if column.kind == Kind::Household {
            json!({ "from": from, "to": to, "households": [id] })
        } else {
            json!({ "from": from, "to": to, "all": true, "dry_run": true })
        };
        let (status, body) = who.api.post("/v1/hand-over", asked.to_string()).await;
        // What lives in a task group stays there; who may not hand over at all is not told so.
        let granted = if column.in_group() { 400 } else { 200 };
        let may = permitted(status, granted);
        assert_eq!(body.contains("checklists stay with their task group"), may && column.in_group());
        if who.browser.seated {
            assert_eq!(permitted(at_console.status, granted), may, "the console agrees");
        }
        let home = self.site.server.service().database().record(&id).await.unwrap().unwrap().scope;
        assert_eq!(home == *to, may && column.kind == Kind::Household);
        may
    }

    /// Invites somebody who has the least role in the column's place.
    async fn equips(&self, who: &mut Asker, column: Column) -> bool {
        let role = if column.in_group() { Role::Member } else { Role::Worker };
        let person = self.site.person("样例新手", role, &self.scope(column)).await;
        let address = ("address", "https://grid.example");
        let form = [("days", "1"), address, ("replaces", "")];
        let shown = who.browser.post(&format!("/console/people/{person}/invite"), &form).await;
        let may = who.browser.seated && permitted(shown.status, 200);
        assert_eq!(may, shown.text.contains("gridbook://enrol?"));
        may
    }

    async fn manages(&self, who: &mut Asker, column: Column) -> bool {
        let role = if column.in_group() { Role::Member } else { Role::Worker };
        let (person, scope) = (self.helped.to_string(), self.scope(column));
        let holds = async || {
            let grants = self.site.server.admin().roll().await.unwrap().grants;
            grants
                .iter()
                .any(|row| row.person == self.helped && row.grant.role == role && row.revoked.is_none())
        };
        let mut done = Vec::new();
        for deed in ["grant", "revoke_grant"] {
            let fields = [
                ("deed", deed),
                ("person", person.as_str()),
                ("role", role.as_str()),
                ("scope", scope.as_str()),
                ("confirmed", "1"),
            ];
            let answer = who.browser.post("/console/people/deed", &fields).await;
            if who.browser.seated {
                permitted(answer.status, 303);
            }
            done.push(holds().await);
        }
        assert!(!done[1], "what was given was taken back");
        done[0]
    }

    async fn audits(&self, who: &mut Asker, id: RecordId, column: Column) -> bool {
        let before = self.site.server.service().database().counts().await.unwrap().audited;
        assert_eq!(self.looker.get(&format!("/v1/records/{id}")).await.0, 200);
        let (status, body) = who.api.get(&format!("/v1/audit?after={before}")).await;
        let may = permitted(status, 200);
        assert_eq!(body.contains(&id.to_string()), may, "the look that was just had");
        if who.browser.seated {
            let page = who.browser.get(&format!("/console/records/{id}")).await.text;
            assert_eq!(
                page.contains("id=\"looks\""),
                may && column.kind != Kind::Review,
                "the console agrees"
            );
        }
        may
    }

    /// Figures are told to who reads all that they count.
    async fn check_figures(&self, who: &Asker, counted: bool) {
        let (status, body) = who.api.get("/v1/summary").await;
        let summary: Value = serde_json::from_str(&body).unwrap();
        let grids = summary["grids"].as_array().unwrap();
        assert_eq!((status, !grids.is_empty()), (200, counted));
        assert_eq!(summary["done"]["visits"].as_u64().unwrap() > 0, counted);
        let (status, _) = who.api.get(&format!("/v1/summary?grid={}", self.site.grid)).await;
        assert_eq!(status, if counted { 200 } else { 404 });
    }
}

#[tokio::test]
async fn every_role_does_every_action_with_every_kind_exactly_as_the_table_says() {
    let mut world = World::new().await;
    let mut rows = TABLE.lines().filter(|line| !line.is_empty()).map(str::split_whitespace);
    let columns = Column::all();
    let names: Vec<String> = columns.iter().map(|column| column.name()).collect();
    assert_eq!(rows.next().unwrap().collect::<Vec<_>>(), names, "a kind is missing in the table");
    let rows: Vec<Vec<&str>> = rows.map(Iterator::collect).collect();
    let roles: Vec<&str> = rows.iter().map(|row| row[0]).collect();
    assert_eq!(roles, Role::ALL.map(Role::as_str), "a role is missing in the table");
    let mut cells = 0;
    for (role, row) in Role::ALL.into_iter().zip(&rows) {
        let (community, groups) = (world.site.community.clone(), [&world.group, &world.second_group]);
        let roles = match role {
            Role::Member => groups.map(|group| (role, group)).to_vec(),
            _ => vec![(role, &community)],
        };
        let mut who = Asker::new(&world.site, row[0], &roles).await;
        for (column, letters) in columns.iter().copied().zip(&row[1..]) {
            let mut found = String::new();
            for action in Action::ALL {
                let may = world.tries(&mut who, action, column).await;
                let place = column.place;
                assert_eq!(may, allows(role, column.kind, action, place), "{role:?} {action:?} {column:?}");
                found.extend(may.then(|| letter(action)));
                cells += 1;
            }
            assert_eq!(found, letters.trim_matches('-'), "{role:?} {column:?}");
        }
        let counted = [Kind::Household, Kind::Visit, Kind::Diary, Kind::Outreach];
        let counted = counted.iter().all(|kind| allows(role, *kind, Action::Read, ScopeKind::Grid));
        world.check_figures(&who, counted).await;
    }
    assert_eq!(cells, Role::ALL.len() * (Kind::ALL.len() + 1) * Action::ALL.len(), "no cell is left out");
}
