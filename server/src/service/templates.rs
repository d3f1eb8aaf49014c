//! 清单模板 at the console: what recurring lists are made from, made, edited and ended through the core's documents, and
//! this period's list made from one.

use gridbook_core::clock::Day;
use gridbook_core::doc::{edits_that_void, revision};
use gridbook_core::id::{RecordId, ScopeId};
use gridbook_core::model::{Action, Content, Kind, Projection, Recurrence, Template, Voided};
use gridbook_core::sync::protocol::FailureCode;

use super::desk::{Pen, require_taken};
use super::marking::SeenVersion;
use super::records::{end_page, place};
use super::{Seated, Service};
use crate::db::{Kept, RecordQuery, Row};
use crate::error::{Error, Result};

/// Templates on one page.
const PAGE: usize = 20;

/// One template in a list.
pub(crate) struct TemplateView {
    /// Which.
    pub(crate) id: RecordId,
    /// Its group.
    pub(crate) scope: ScopeId,
    /// Its title.
    pub(crate) title: String,
    /// How often it recurs.
    pub(crate) recurs: Option<Recurrence>,
    /// What each list made from it asks for, in order.
    pub(crate) items: Vec<String>,
    /// True if no new lists are made meanwhile.
    pub(crate) paused: bool,
    /// The period that holds today.
    pub(crate) period: Option<(Day, Day)>,
    /// True if the period's list is not there yet and the reader may make it.
    pub(crate) may_begin: bool,
}

/// A page of templates.
pub(super) struct Templates {
    /// Their records.
    pub(super) kept: Vec<Kept>,
    /// The templates, by group and title.
    pub(super) templates: Vec<TemplateView>,
    /// Where the next page begins.
    pub(super) next: Option<String>,
}

/// One template as a form shows it, numbers masked.
pub(crate) struct TemplateShown {
    /// Which, at which version.
    pub(crate) shown: SeenVersion,
    /// What it says.
    pub(crate) content: Template,
}

impl Service {
    /// Makes the list of the period that holds today from a template, as phones do by themselves, with the same id:
    /// whoever makes it too has made the same one. Its id; nothing changes where it is there.
    ///
    /// # Errors
    /// [`Error::Refused`] with `not_found`, `not_permitted`, or `bad_request` for a template that is paused or
    /// withdrawn.
    pub(crate) async fn begin_list(&self, seated: &Seated, template: RecordId) -> Result<RecordId> {
        let Kept { row, .. } = self.template_row(seated, template).await?;
        if !seated.access.may(&row.scope, Kind::Checklist, Action::Write) {
            return Err(Error::refused(FailureCode::NotPermitted, "your role does not write lists there"));
        }
        let content = read(&row)?;
        let today = self.zone().day(self.surroundings.now());
        let made = content.instance(template, today).filter(|_| !content.paused && !row.voided);
        let Some((id, list)) = made else {
            return Err(Error::refused(FailureCode::BadRequest, "template: it is paused or withdrawn"));
        };
        if !self.db.scopes_of(&[id]).await?.is_empty() {
            return Ok(id);
        }
        let pen = self.pen(seated).await?;
        let now = self.surroundings.now();
        let occurred_at = list.starts.map_or(now, |day| self.zone().start_of(day));
        let bytes = self.begin(seated, &pen, &Content::from(list), occurred_at)?;
        self.put_one(seated, &pen, row.scope, id, bytes).await?;
        Ok(id)
    }

    /// One template, to be edited. Who looked is written down.
    ///
    /// # Errors
    /// [`Error::Refused`] with `not_found` if there is none that the person may read, or it was ended, and
    /// `not_permitted`.
    pub(crate) async fn template(&self, seated: &Seated, id: RecordId) -> Result<TemplateShown> {
        let kept = self.template_row(seated, id).await?;
        if kept.row.voided {
            return Err(nothing());
        }
        if !seated.access.may(&kept.row.scope, Kind::Template, Action::Write) {
            return Err(not_permitted());
        }
        self.note_shown(seated, std::slice::from_ref(&kept), false).await?;
        let Content::Template(content) = Content::from(read(&kept.row)?).masked() else {
            return Err(nothing());
        };
        let shown = SeenVersion { record: id, version: kept.row.fingerprint };
        Ok(TemplateShown { shown, content })
    }

    /// Makes a template in its group. The id is the form's own: sent twice, it makes one.
    ///
    /// # Errors
    /// [`Error::Refused`] with `not_found` or `not_permitted`, and the core's, where it breaks a rule.
    pub(crate) async fn make_template(&self, seated: &Seated, id: RecordId, content: Template) -> Result<()> {
        let scope = content.group.clone();
        if !seated.access.knows(&scope) {
            return Err(Error::refused(FailureCode::NotFound, "no such group"));
        }
        if !seated.access.may(&scope, Kind::Template, Action::Write) {
            return Err(not_permitted());
        }
        let pen = self.pen(seated).await?;
        if !self.db.scopes_of(&[id]).await?.is_empty() {
            return Ok(());
        }
        let now = self.surroundings.now();
        let bytes = self.begin(seated, &pen, &Content::from(content), now)?;
        self.put_one(seated, &pen, scope, id, bytes).await
    }

    /// Writes what differs between the template as it was shown and `content`. Its group stays, and who is asked to do
    /// the items that stay.
    ///
    /// # Errors
    /// As [`Service::make_template`], and [`Error::Changed`] if it is not as it was shown.
    pub(crate) async fn edit_template(
        &self,
        seated: &Seated,
        shown: &SeenVersion,
        mut content: Template,
    ) -> Result<()> {
        self.revise_template(seated, shown, |held| {
            content.group = held.group;
            content.assignees = held.assignees;
            content.assignees.retain(|item, _| content.items.contains_key(item));
            Ok(content)
        })
        .await
    }

    /// Writes what `change` makes of a template as it was shown.
    ///
    /// # Errors
    /// As [`Service::edit_template`].
    pub(super) async fn revise_template(
        &self,
        seated: &Seated,
        shown: &SeenVersion,
        change: impl FnOnce(Template) -> Result<Template> + Send,
    ) -> Result<()> {
        let pen = self.pen(seated).await?;
        let (scope, _, mut document) = self.opened(seated, shown, Action::Write).await?;
        let before = Projection::of(&document.fields(), self.zone())?;
        let Content::Template(held) = before.content else { return Err(nothing()) };
        if before.header.voided.is_some() {
            return Err(Error::Changed);
        }
        let content = Content::from(change(held)?);
        content.check()?;
        let edits = revision(&document, &document.version(), &before.header, &content)?;
        match document.write(pen.actor, self.surroundings.now(), &edits)? {
            Some(change) => self.put_one(seated, &pen, scope, shown.record, change.bytes).await,
            None => Ok(()),
        }
    }

    /// Ends a template: it is withdrawn, and no further list is made from it.
    ///
    /// # Errors
    /// As [`Service::edit_template`].
    pub(crate) async fn end_template(
        &self,
        seated: &Seated,
        shown: &SeenVersion,
        reason: &str,
    ) -> Result<()> {
        let pen = self.pen(seated).await?;
        let (scope, kind, mut document) = self.opened(seated, shown, Action::Void).await?;
        if kind != Kind::Template {
            return Err(nothing());
        }
        let now = self.surroundings.now();
        let voided = Voided { by: seated.person.clone(), at: now, reason: reason.trim().to_owned() };
        match document.write(pen.actor, now, &edits_that_void(&voided)?)? {
            Some(change) => self.put_one(seated, &pen, scope, shown.record, change.bytes).await,
            None => Ok(()),
        }
    }

    async fn put_one(
        &self,
        seated: &Seated,
        pen: &Pen,
        scope: ScopeId,
        id: RecordId,
        bytes: Vec<u8>,
    ) -> Result<()> {
        self.put_down(seated, pen, vec![(scope, id, bytes)]).await?.iter().try_for_each(require_taken)
    }

    /// A template that the person may read, withdrawn or not.
    async fn template_row(&self, seated: &Seated, id: RecordId) -> Result<Kept> {
        let kept = self.db.kept(&[id]).await?.pop();
        let readable = |kept: &Kept| {
            kept.row.kind == Kind::Template
                && seated.access.may(&kept.row.scope, Kind::Template, Action::Read)
        };
        kept.filter(readable).ok_or_else(nothing)
    }

    /// A page of the groups' templates.
    pub(super) async fn templates(
        &self,
        seated: &Seated,
        groups: &[ScopeId],
        after: Option<&str>,
        today: Day,
    ) -> Result<Templates> {
        let readable = groups.iter().filter(|group| seated.access.may(group, Kind::Template, Action::Read));
        let visible = readable.map(|group| (group.clone(), vec![Kind::Template])).collect();
        let query = RecordQuery {
            visible,
            live: true,
            after: after.and_then(place),
            limit: PAGE + 1,
            ..RecordQuery::default()
        };
        let mut kept = self.db.kept_records(&query).await?;
        let next = end_page(&mut kept, PAGE);
        let mut templates = Vec::new();
        for Kept { row, .. } in &kept {
            templates.push(self.viewed(seated, row, today).await?);
        }
        templates.sort_by(|one, other| (&one.scope, &one.title).cmp(&(&other.scope, &other.title)));
        Ok(Templates { kept, templates, next })
    }

    /// One of them as the lists' page shows it. Who looked is written down.
    ///
    /// # Errors
    /// [`Error::Refused`] with `not_found` if there is none that the person may read.
    pub(crate) async fn template_view(&self, seated: &Seated, id: RecordId) -> Result<TemplateView> {
        let kept = self.template_row(seated, id).await?;
        self.note_shown(seated, std::slice::from_ref(&kept), false).await?;
        self.viewed(seated, &kept.row, self.zone().day(self.surroundings.now())).await
    }

    async fn viewed(&self, seated: &Seated, row: &Row, today: Day) -> Result<TemplateView> {
        let Content::Template(template) = Content::from(read(row)?).masked() else { return Err(nothing()) };
        let is_there = match template.instance(row.id, today) {
            Some((id, _)) => !self.db.scopes_of(&[id]).await?.is_empty(),
            None => true,
        };
        Ok(TemplateView {
            id: row.id,
            scope: row.scope.clone(),
            items: template.in_order().into_iter().map(|(_, item)| item.title.clone()).collect(),
            recurs: template.recurs,
            paused: template.paused,
            period: template.recurs.map(|recurs| recurs.period(today)),
            may_begin: !is_there
                && !template.paused
                && seated.access.may(&row.scope, Kind::Checklist, Action::Write),
            title: template.title,
        })
    }
}

fn read(row: &Row) -> Result<Template> {
    match Projection::read(row.kind, &row.json)? {
        (_, Content::Template(template)) => Ok(template),
        _ => Err(nothing()),
    }
}

fn nothing() -> Error {
    Error::refused(FailureCode::NotFound, "no such template")
}

fn not_permitted() -> Error {
    Error::refused(FailureCode::NotPermitted, "your role does not write templates there")
}
