//! Founding the invented community: its scopes, people and month of history, written as their authors
//! would have written them and appended through the server's gate.

use std::collections::BTreeMap;

use gridbook_core::clock::{Day, Instant};
use gridbook_core::doc::{Document, edits_between};
use gridbook_core::id::{ActorId, PersonId, RecordId, ScopeId};
use gridbook_core::model::{Content, Header, Kind, ScopeKind, dictionary};

use super::population::{FigureSeed, Population, RecordSeed, Size, with_ids};
use super::telling::Teller;
use crate::db::Figure;
use crate::error::{Error, Result};
use crate::server::Server;

/// The community as the server knows it: keys of the population to ids.
pub(super) struct Founded {
    scopes: BTreeMap<String, ScopeId>,
    people: BTreeMap<String, PersonId>,
    names: BTreeMap<String, String>,
}

/// How many changes are appended at a time.
const BATCH: usize = 1_000;

impl Founded {
    /// The community of an earlier run, or a new one.
    pub(super) async fn find_or_found(
        server: &Server,
        seed: u64,
        size: Size,
        today: Day,
        teller: &mut Teller<'_>,
    ) -> Result<Self> {
        let population = Population::generate(seed, today, size);
        let roll = server.admin().roll().await?;
        if roll.scopes.is_empty() {
            return Self::found(server, population, teller).await;
        }
        let names =
            population.people.iter().map(|person| (person.key.clone(), person.name.clone())).collect();
        let mut founded = Self { scopes: BTreeMap::new(), people: BTreeMap::new(), names };
        for scope in &population.scopes {
            let known = roll.scopes.iter().find(|known| known.name == server_name(&scope.key, &scope.name));
            founded.scopes.extend(known.map(|known| (scope.key.clone(), known.id.clone())));
        }
        for person in &population.people {
            let known = roll.people.iter().find(|known| known.name == person.name);
            founded.people.extend(known.map(|known| (person.key.clone(), known.id.clone())));
        }
        let complete = founded.scopes.len() == population.scopes.len()
            && founded.people.len() == population.people.len();
        if complete {
            teller.tell("found_again", &[]);
            Ok(founded)
        } else {
            Err(Error::admin("the folder holds another community; use another --seed, or make clean-demo"))
        }
    }

    async fn found(server: &Server, population: Population, teller: &mut Teller<'_>) -> Result<Self> {
        teller.tell("founding", &[]);
        let admin = server.admin();
        let mut founded = Self { scopes: BTreeMap::new(), people: BTreeMap::new(), names: BTreeMap::new() };
        for scope in &population.scopes {
            let parent = scope.parent.as_ref().and_then(|parent| founded.scopes.get(parent)).cloned();
            let id = match (scope.kind, parent) {
                (ScopeKind::Community, _) => admin.add_community(&scope.name).await?,
                (ScopeKind::TaskGroup, Some(_)) => {
                    admin.find_scope(&server_name(&scope.key, &scope.name)).await?.id
                }
                (kind, Some(community)) => admin.add_scope(&community, kind, &scope.name).await?,
                (_, None) => return Err(Error::admin(format!("{} has no community", scope.name))),
            };
            founded.scopes.insert(scope.key.clone(), id);
        }
        for person in &population.people {
            let id = admin.add_person(&person.name).await?;
            for (scope, role) in &person.roles {
                admin.grant(&id, *role, founded.scope(scope)?).await?;
            }
            founded.people.insert(person.key.clone(), id);
            founded.names.insert(person.key.clone(), person.name.clone());
        }
        founded.import(server, &population.figures).await?;
        let records = population.records.len();
        let changes = founded.write_history(server, population.records).await?;
        let count = |kind: ScopeKind| population.scopes.iter().filter(|scope| scope.kind == kind).count();
        teller.tell(
            "founded",
            &[
                ("residents", &population.residents.to_string()),
                ("grids", &count(ScopeKind::Grid).to_string()),
                ("groups", &count(ScopeKind::TaskGroup).to_string()),
                ("people", &population.people.len().to_string()),
                ("records", &records.to_string()),
                ("changes", &changes.to_string()),
            ],
        );
        Ok(founded)
    }

    /// Keeps the numbers of earlier months, as an imported spreadsheet's.
    async fn import(&self, server: &Server, seeds: &[FigureSeed]) -> Result<()> {
        let figure = |seed: &FigureSeed| {
            let FigureSeed { month, name, count, .. } = seed.clone();
            Ok(Figure { scope: self.scope(&seed.scope)?.clone(), month, name, count })
        };
        let figures = seeds.iter().map(figure).collect::<Result<_>>()?;
        server.service().database().keep_figures(figures).await
    }

    /// Writes every record and edit in the order of time, so that a review covers the version its lead saw.
    async fn write_history(&self, server: &Server, records: Vec<RecordSeed>) -> Result<usize> {
        let mut moments: Vec<(Instant, usize, Option<usize>)> = Vec::new();
        for (number, record) in records.iter().enumerate() {
            moments.push((record.occurred_at, number, None));
            moments.extend(record.edits.iter().enumerate().map(|(edit, seed)| (seed.at, number, Some(edit))));
        }
        moments.sort_by_key(|(at, number, edit)| (*at, *number, *edit));
        let mut chronicle = Chronicle { founded: self, documents: BTreeMap::new(), actors: BTreeMap::new() };
        let mut batches: BTreeMap<ScopeId, Vec<(RecordId, Vec<u8>, PersonId)>> = BTreeMap::new();
        let mut written = 0;
        for (_, number, edit) in moments {
            let record = &records[number];
            let scope = self.scope(&record.scope)?.clone();
            let change = chronicle.write(server, record, edit)?;
            let batch = batches.entry(scope.clone()).or_default();
            batch.extend(change);
            if batch.len() >= BATCH {
                written += server.admin().append_trusted(&scope, std::mem::take(batch)).await?;
            }
        }
        for (scope, batch) in batches {
            written += server.admin().append_trusted(&scope, batch).await?;
        }
        Ok(written)
    }

    /// The id of the scope with this key.
    pub(super) fn scope(&self, key: &str) -> Result<&ScopeId> {
        self.scopes.get(key).ok_or_else(|| Error::admin(format!("the community has no scope {key}")))
    }

    /// The id of the person with this key.
    pub(super) fn person(&self, key: &str) -> Result<&PersonId> {
        self.people.get(key).ok_or_else(|| Error::admin(format!("the community has no person {key}")))
    }

    /// The name of the person with this key.
    pub(super) fn name<'a>(&'a self, key: &'a str) -> &'a str {
        self.names.get(key).map_or(key, String::as_str)
    }
}

/// What the server calls a scope: it names the task groups itself, by the dictionary.
fn server_name(key: &str, name: &str) -> String {
    let code = key.strip_prefix("group-").unwrap_or_default();
    dictionary::named("task_group").entry(code).map_or_else(|| name.to_owned(), |entry| entry.zh.clone())
}

/// The documents of the history while it is being written.
struct Chronicle<'a> {
    founded: &'a Founded,
    documents: BTreeMap<RecordId, (Document, Header, Content)>,
    actors: BTreeMap<PersonId, ActorId>,
}

impl Chronicle<'_> {
    /// The change with which a record begins, or with which one of its edits is made.
    fn write(
        &mut self,
        server: &Server,
        record: &RecordSeed,
        edit: Option<usize>,
    ) -> Result<Option<(RecordId, Vec<u8>, PersonId)>> {
        let edit = edit.and_then(|edit| record.edits.get(edit));
        let (author, at, content) = match edit {
            Some(edit) => (&edit.author, edit.at, &edit.content),
            None => (&record.author, record.occurred_at, &record.content),
        };
        let person = self.founded.person(author)?.clone();
        let surroundings = server.service().surroundings();
        let actor = *self.actors.entry(person.clone()).or_insert_with(|| ActorId::new(surroundings));
        let content = self.settle(content.clone());
        let change = match self.documents.get_mut(&record.id) {
            None => {
                let header = Header {
                    kind: content.kind(),
                    schema: Header::SCHEMA,
                    author: person.clone(),
                    grid: record.grid.as_deref().map(|grid| self.founded.scope(grid).cloned()).transpose()?,
                    occurred_at: record.occurred_at,
                    voided: None,
                };
                let (document, change) = Document::begin(actor, at, &header.with(&content))?;
                self.documents.insert(record.id, (document, header, content));
                Some(change)
            }
            Some((document, header, before)) => {
                let kind: Kind = content.kind();
                let edits = edits_between(&header.with(before), &header.with(&content), kind.fields());
                *before = content;
                document.write(actor, at, &edits)?
            }
        };
        Ok(change.map(|change| (record.id, change.bytes, person)))
    }

    /// The content with the server's ids, a review with the version it covers.
    fn settle(&self, content: Content) -> Content {
        let scope = |key: &str| self.founded.scopes.get(key).cloned();
        let person = |key: &str| self.founded.people.get(key).cloned();
        let mut content = with_ids(content, &scope, &person);
        if let Content::Review(review) = &mut content
            && let Some((subject, ..)) = self.documents.get(&review.subject)
        {
            review.covers = subject.version().fingerprint();
        }
        content
    }
}
