//! Who is asked to do an item of a template (指定的人), shown and chosen at the console. Phones offer the item to them
//! first; where nobody is asked, it is anybody's of the group.

use std::collections::{BTreeMap, BTreeSet};

use gridbook_core::id::{PersonId, RecordId, ScopeId};
use gridbook_core::model::{Action, Kind, Tags, Template, permits};
use gridbook_core::sync::protocol::FailureCode;

use super::marking::SeenVersion;
use super::templates::TemplateShown;
use super::{Seated, Service};
use crate::error::{Error, Result};

/// An item of a template with those who may be asked to do it.
pub(crate) struct AssigneesShown {
    /// Which template, at which version.
    pub(crate) shown: SeenVersion,
    /// The item's title, numbers masked.
    pub(crate) title: String,
    /// Who may be asked, by id: whoever ticks lists in the group, and who is asked already.
    pub(crate) people: BTreeSet<PersonId>,
    /// Who is asked.
    pub(crate) asked: BTreeSet<PersonId>,
}

impl Service {
    /// Who is asked to do an item of a template, and who may be. Who looked is written down.
    ///
    /// # Errors
    /// [`Error::Refused`] with `not_found` if there is no such item of a template that the person may read, and
    /// `not_permitted`.
    pub(crate) async fn assignees(
        &self,
        seated: &Seated,
        template: RecordId,
        item: &str,
    ) -> Result<AssigneesShown> {
        let TemplateShown { shown, content } = self.template(seated, template).await?;
        let title = content.items.get(item).ok_or_else(no_item)?.title.clone();
        let asked: BTreeSet<PersonId> = asked_of(&content.assignees, item).collect();
        let mut people = self.who_ticks(&content.group).await?;
        people.extend(asked.iter().cloned());
        Ok(AssigneesShown { shown, title, people, asked })
    }

    /// Asks these people, and nobody else, to do an item of a template; lists that were made stay as they are.
    ///
    /// # Errors
    /// [`Error::Refused`] with `not_found`, `not_permitted`, or `bad_request` for somebody who does not tick lists in the
    /// group and was not asked before, and [`Error::Changed`] if the template is not as it was shown.
    pub(crate) async fn ask_people(
        &self,
        seated: &Seated,
        shown: &SeenVersion,
        item: &str,
        people: BTreeSet<PersonId>,
    ) -> Result<()> {
        // A template lives in its group.
        let mut known = BTreeSet::new();
        for (_, (group, _)) in self.db.scopes_of(&[shown.record]).await? {
            known = self.who_ticks(&group).await?;
        }
        self.revise_template(seated, shown, |mut template: Template| {
            if !template.items.contains_key(item) {
                return Err(no_item());
            }
            known.extend(asked_of(&template.assignees, item));
            if !people.is_subset(&known) {
                let rule = "asked: people who tick lists in the template's group";
                return Err(Error::refused(FailureCode::BadRequest, rule));
            }
            template.assignees.insert(item.to_owned(), people.iter().map(PersonId::as_str).collect());
            template.assignees.retain(|_, asked| !asked.is_empty());
            Ok(template)
        })
        .await
    }

    /// Who ticks lists in a group.
    async fn who_ticks(&self, group: &ScopeId) -> Result<BTreeSet<PersonId>> {
        let holds = self.db.roll().await?.grants.into_iter().filter(|row| row.revoked.is_none());
        let here = holds.filter(|row| row.grant.scope == *group);
        let tick = here.filter(|row| permits(row.grant.role, Kind::Checklist, Action::Write));
        Ok(tick.map(|row| row.person).collect())
    }
}

/// Who is asked to do an item of a list or of a template.
pub(crate) fn asked_of(assignees: &BTreeMap<String, Tags>, item: &str) -> impl Iterator<Item = PersonId> {
    assignees.get(item).into_iter().flat_map(|asked| asked.iter().map(PersonId::from))
}

fn no_item() -> Error {
    Error::refused(FailureCode::NotFound, "no such item of a template")
}
