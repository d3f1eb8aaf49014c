//! Numbers that somebody edits around: what was shown masked stays as it was written.

use crate::error::{Error, Result};
use crate::model::unmasking::unmasked;
use crate::model::{Fields, Kind, Rule, Scalar};

/// Who edits may have seen numbers masked. What is still masked was not edited, and stays as it was written.
pub(super) fn keep_masked(kind: Kind, base: &Fields, target: &mut Fields) -> Result<()> {
    for (path, scalar) in target {
        let Some((was, text)) = base.get(path).and_then(|was| Some((was, was.as_text()?))) else { continue };
        let Some(typed) = scalar.as_text().filter(|typed| *typed != text) else { continue };
        if was.clone().masked(path).as_text() == Some(typed) {
            *scalar = was.clone();
            continue;
        }
        let written = unmasked(text, typed).ok_or_else(|| Error::Invalid {
            kind,
            field: kind.field_of(path).map_or("number", |field| field.name),
            rule: Rule::MaskedChanged,
        })?;
        match scalar {
            Scalar::Text(typed) | Scalar::Running(typed) => *typed = written,
            _ => {}
        }
    }
    Ok(())
}
