//! `dismiss`: the end of everything a person has.

use clap::Args;
use serde_json::json;

use super::Context;
use crate::error::Result;

/// End a person's roles, phones, invitations and tokens at once. What they wrote stays; what their phones
/// have not sent comes into the box, then the phones wipe themselves.
#[derive(Debug, Args)]
pub(super) struct Dismiss {
    /// Who: an id, or a name that only one person has.
    person: String,
}

impl Dismiss {
    pub(super) async fn run(self, context: &Context) -> Result<()> {
        let admin = context.open().await?.admin();
        let person = admin.find_person(&self.person).await?;
        let changed = admin.dismiss(&person.id).await?;
        let word = if changed { "dismissed" } else { "nothing to end" };
        context.print(&json!({ "changed": changed }), [format!("{}: {word}", person.name)])
    }
}
