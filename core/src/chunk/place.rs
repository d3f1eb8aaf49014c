//! Where an operation points: at another operation, of this change or of an earlier one.

use super::head::Actors;

/// Another operation's name within a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its number, from 1.
    pub counter: u64,
    /// Who made it: 0 for the change's own actor, otherwise the position among the others, from 1.
    pub actor: u64,
}

impl Place {
    /// The place that two columns name, if both or neither does; `below` is the number of the operation that
    /// points, which only looks back.
    pub(super) fn read(
        actor: Option<u64>,
        counter: Option<u64>,
        below: u64,
        actors: &mut Actors<'_>,
    ) -> Option<Option<Self>> {
        match (actor, counter) {
            (None, None) => Some(None),
            (Some(actor), Some(counter)) => {
                actors.use_up(actor)?;
                (1..below).contains(&counter).then_some(Some(Self { counter, actor }))
            }
            _ => None,
        }
    }
}
