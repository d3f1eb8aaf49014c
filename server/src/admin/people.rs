//! Scopes and people: made, listed, and found by id or by a name that is unique.

use gridbook_core::id::{PersonId, ScopeId};
use gridbook_core::model::{Person, Scope, ScopeKind, dictionary};

use super::{Admin, name};
use crate::db::Edit;
use crate::error::{Error, Result};

impl Admin {
    /// Makes a community with the five task groups, named as in the dictionary.
    ///
    /// # Errors
    /// [`Error::Admin`] if the name is none.
    pub async fn add_community(&self, community: &str) -> Result<ScopeId> {
        let surroundings = self.service.surroundings();
        let id = ScopeId::new(surroundings);
        let community =
            Scope { id: id.clone(), kind: ScopeKind::Community, name: name(community)?, parent: None };
        let mut edits = vec![Edit::AddScope(community)];
        for group in dictionary::named("task_group").entries.iter().filter(|entry| entry.until.is_none()) {
            edits.push(Edit::AddScope(Scope {
                id: ScopeId::new(surroundings),
                kind: ScopeKind::TaskGroup,
                name: group.zh.clone(),
                parent: Some(id.clone()),
            }));
        }
        self.service.database().edit(edits, self.now()).await?;
        Ok(id)
    }

    /// Makes a grid or task group of a community.
    ///
    /// # Errors
    /// [`Error::Admin`] if there is no such community, or the name is none.
    pub async fn add_scope(&self, community: &ScopeId, kind: ScopeKind, text: &str) -> Result<ScopeId> {
        let parent = self.roll().await?.scopes.into_iter().find(|scope| scope.id == *community);
        if parent.is_none_or(|parent| parent.kind != ScopeKind::Community) || kind == ScopeKind::Community {
            return Err(Error::admin(format!(
                "scope {community}: a grid or task group belongs to a community"
            )));
        }
        let id = ScopeId::new(self.service.surroundings());
        let scope = Scope { id: id.clone(), kind, name: name(text)?, parent: Some(community.clone()) };
        self.edit(Edit::AddScope(scope)).await?;
        Ok(id)
    }

    /// Makes a person.
    ///
    /// # Errors
    /// [`Error::Admin`] if the name is none.
    pub async fn add_person(&self, text: &str) -> Result<PersonId> {
        let id = PersonId::new(self.service.surroundings());
        self.edit(Edit::AddPerson(Person { id: id.clone(), name: name(text)? })).await?;
        Ok(id)
    }

    /// The person with this id, or with this name if only one has it.
    ///
    /// # Errors
    /// [`Error::Admin`] saying which there are.
    pub async fn find_person(&self, text: &str) -> Result<Person> {
        let people = self.roll().await?.people;
        only("person", text, people, |person| (person.id.as_str(), person.name.as_str()))
    }

    /// The scope with this id, or with this name if only one has it. `community/scope` names one of a
    /// community.
    ///
    /// # Errors
    /// [`Error::Admin`] saying which there are.
    pub async fn find_scope(&self, text: &str) -> Result<Scope> {
        let scopes = self.roll().await?.scopes;
        if let Some((community, text)) = text.split_once('/') {
            let communities = scopes.iter().filter(|scope| scope.parent.is_none()).cloned().collect();
            let community = only("community", community, communities, named)?;
            let within = scopes.into_iter().filter(|scope| scope.parent.as_ref() == Some(&community.id));
            return only("scope", text, within.collect(), named);
        }
        only("scope", text, scopes, named)
    }
}

fn named(scope: &Scope) -> (&str, &str) {
    (scope.id.as_str(), scope.name.as_str())
}

/// The one whose id is `text`, or else the one whose name it is.
fn only<T>(what: &str, text: &str, all: Vec<T>, named: impl Fn(&T) -> (&str, &str)) -> Result<T> {
    let text = text.trim();
    let matching = |by_id: bool| {
        let matches = |one: &&T| if by_id { named(one).0 == text } else { named(one).1 == text };
        all.iter().filter(matches).map(|one| named(one).0.to_owned()).collect::<Vec<_>>()
    };
    let mut found = matching(true);
    if found.is_empty() {
        found = matching(false);
    }
    match found.as_slice() {
        [id] => {
            let id = id.clone();
            let one = all.into_iter().find(|one| named(one).0 == id);
            one.ok_or_else(|| Error::admin(format!("{what} {text}: there is none")))
        }
        [] => Err(Error::admin(format!("{what} {text}: there is none with this id or name"))),
        several => Err(Error::admin(format!(
            "{what} {text}: {} have this name; give the id: {}",
            several.len(),
            several.join(", ")
        ))),
    }
}
