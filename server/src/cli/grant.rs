//! `grant`: gives a person a role in a scope.

use clap::Args;
use gridbook_core::model::Role;
use serde_json::json;

use super::Context;
use crate::error::Result;

/// Give a person a role in a grid, a task group, or a whole community with all its grids and groups. Their
/// phones learn of it at the next sync and get the scope's past.
#[derive(Debug, Args)]
pub(super) struct Grant {
    /// Who: an id, or a name that only one person has.
    person: String,
    #[arg(value_parser = role, help = role_words())]
    role: Role,
    /// Where: an id, a name that only one scope has, or COMMUNITY/NAME.
    scope: String,
}

impl Grant {
    pub(super) async fn run(self, context: &Context) -> Result<()> {
        let admin = context.open().await?.admin();
        let person = admin.find_person(&self.person).await?;
        let scope = admin.find_scope(&self.scope).await?;
        let changed = admin.grant(&person.id, self.role, &scope.id).await?;
        let word = if changed { "is now" } else { "was already" };
        let line = format!("{} {word} {} in {}", person.name, self.role.as_str(), scope.name);
        context.print(&json!({ "changed": changed }), [line])
    }
}

/// Reads a role's word.
pub(super) fn role(word: &str) -> std::result::Result<Role, String> {
    Role::from_word(word).ok_or_else(role_words)
}

/// What roles there are.
pub(super) fn role_words() -> String {
    let words: Vec<_> = Role::ALL.iter().map(|role| role.as_str()).collect();
    format!("One of {}", words.join(", "))
}
