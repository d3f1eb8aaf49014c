//! What a person at the console decides over people and phones: the commands' own functions, each after the permission
//! table was asked, written down under that person's name, and refused if permissions changed meanwhile.

use gridbook_core::id::{DeviceId, PersonId, ScopeId};
use gridbook_core::model::{Action, Grant, Person, Role, fits};
use gridbook_core::sync::protocol::FailureCode;

use super::{Admin, Invitation, name};
use crate::db::{Decided, Edit};
use crate::error::{Error, Result};
use crate::service::{Accepted, PersonView, Seated, Service};

/// One person at the console.
pub(crate) struct Managing {
    admin: Admin,
    seated: Seated,
}

impl Managing {
    /// Decides as this person.
    pub(crate) fn by(service: &Service, seated: &Seated) -> Self {
        let by = Decided { who: seated.person.clone(), access: seated.access.version() };
        Self { admin: Admin { service: service.clone(), by: Some(by) }, seated: seated.clone() }
    }

    /// Makes a person with a first role; their id.
    ///
    /// # Errors
    /// [`Error::Refused`] with `not_found`, `not_permitted`, or `bad_request` for a name that is none or a role that
    /// means nothing in the scope.
    pub(crate) async fn add_person(&self, text: &str, role: Role, scope: &ScopeId) -> Result<PersonId> {
        self.require_scope(scope, role)?;
        let name = name(text).map_err(told)?;
        let id = PersonId::new(self.admin.service.surroundings());
        let person = Person { id: id.clone(), name };
        let grant = Grant { scope: scope.clone(), role };
        self.admin.edits(vec![Edit::AddPerson(person), Edit::Grant(id.clone(), grant)]).await?;
        Ok(id)
    }

    /// As [`Admin::grant`].
    ///
    /// # Errors
    /// [`Error::Refused`] with `not_found`, `not_permitted` or `bad_request`.
    pub(crate) async fn grant(&self, person: &PersonId, role: Role, scope: &ScopeId) -> Result<bool> {
        self.require_scope(scope, role)?;
        self.known(person).await?;
        self.admin.grant(person, role, scope).await.map_err(told)
    }

    /// As [`Admin::revoke_grant`]. Nobody takes away what lets them decide here.
    ///
    /// # Errors
    /// As [`Managing::grant`].
    pub(crate) async fn revoke_grant(&self, person: &PersonId, role: Role, scope: &ScopeId) -> Result<bool> {
        self.require_scope(scope, role)?;
        self.known(person).await?;
        if *person == self.seated.person && role == Role::Administrator {
            return Err(own());
        }
        self.admin.revoke_grant(person, role, scope).await.map_err(told)
    }

    /// As [`Admin::invite`], and [`Admin::invite_instead`] where a phone is named.
    ///
    /// # Errors
    /// As [`Managing::grant`].
    pub(crate) async fn invite(
        &self,
        person: &PersonId,
        days: u32,
        replaces: Option<&DeviceId>,
    ) -> Result<Invitation> {
        self.equipped(person).await?;
        let invitation = match replaces {
            Some(old) => self.admin.invite_instead(person, days, old).await,
            None => self.admin.invite(person, days).await,
        };
        invitation.map_err(told)
    }

    /// As [`Admin::revoke_invites`].
    ///
    /// # Errors
    /// As [`Managing::grant`].
    pub(crate) async fn revoke_invites(&self, person: &PersonId) -> Result<bool> {
        self.equipped(person).await?;
        self.admin.revoke_invites(person).await
    }

    /// As [`Admin::revoke_device`].
    ///
    /// # Errors
    /// As [`Managing::grant`].
    pub(crate) async fn revoke_device(&self, person: &PersonId, device: &DeviceId) -> Result<bool> {
        phone(&self.equipped(person).await?, device)?;
        self.admin.revoke_device(device).await.map_err(told)
    }

    /// As [`Admin::release`].
    ///
    /// # Errors
    /// As [`Managing::grant`].
    pub(crate) async fn release(&self, person: &PersonId, device: &DeviceId) -> Result<()> {
        phone(&self.managed(person).await?, device)?;
        self.admin.release(device).await.map_err(told)
    }

    /// As [`Admin::dismiss`]. Nobody dismisses themselves.
    ///
    /// # Errors
    /// As [`Managing::grant`].
    pub(crate) async fn dismiss(&self, person: &PersonId) -> Result<bool> {
        self.managed(person).await?;
        if *person == self.seated.person {
            return Err(own());
        }
        self.admin.dismiss(person).await
    }

    /// As [`Service::accept_box`].
    ///
    /// # Errors
    /// As [`Managing::grant`].
    pub(crate) async fn accept_box(&self, person: &PersonId, device: &DeviceId) -> Result<Accepted> {
        phone(&self.equipped(person).await?, device)?;
        self.admin.service.accept_box_by(Some(&self.seated.person), device).await.map_err(told)
    }

    /// The scope is one in which the person manages, and the role means something there.
    fn require_scope(&self, scope: &ScopeId, role: Role) -> Result<()> {
        let access = &self.seated.access;
        if !access.knows(scope) {
            return Err(Error::refused(FailureCode::NotFound, "no such scope"));
        }
        if !access.serving(Action::Manage).contains(scope) {
            return Err(not_permitted());
        }
        let kind = access.known_scopes().find(|known| known.id == *scope).map(|scope| scope.kind);
        if kind.is_some_and(|kind| fits(role, kind)) {
            Ok(())
        } else {
            let detail = "role: it may not read what is kept there; choose another scope";
            Err(Error::refused(FailureCode::BadRequest, detail))
        }
    }

    async fn known(&self, person: &PersonId) -> Result<PersonView> {
        self.admin.service.person(&self.seated, person).await
    }

    /// The person, if all that they have is decided here.
    async fn managed(&self, person: &PersonId) -> Result<PersonView> {
        let view = self.known(person).await?;
        if view.managed { Ok(view) } else { Err(not_permitted()) }
    }

    /// The person, if their phones are given out and shut out here.
    async fn equipped(&self, person: &PersonId) -> Result<PersonView> {
        let view = self.known(person).await?;
        if view.equipped { Ok(view) } else { Err(not_permitted()) }
    }
}

/// The phone is one of this person's.
fn phone(view: &PersonView, device: &DeviceId) -> Result<()> {
    let known = view.phones.iter().any(|phone| phone.id == *device);
    if known { Ok(()) } else { Err(Error::refused(FailureCode::NotFound, "no such phone")) }
}

fn not_permitted() -> Error {
    Error::refused(FailureCode::NotPermitted, "an administrator of all that this person has decides")
}

fn own() -> Error {
    Error::refused(FailureCode::NotPermitted, "another administrator decides over you")
}

/// What a command would say of a mistake, a page takes as something that was entered wrongly.
pub(crate) fn told(error: Error) -> Error {
    match error {
        Error::Admin(detail) => Error::refused(FailureCode::BadRequest, detail),
        other => other,
    }
}
