//! What fields with masked numbers say as they were written: what a reveal gives, of a field with two values both.

use super::Document;
use crate::model::{Content, Kind, Scalar};

impl Document {
    /// The paths of fields in which a number is masked for who may not see it whole, in order; also where only a value
    /// beside the one shown for now has one.
    #[must_use]
    pub fn masked_fields(&self, kind: Kind) -> Vec<String> {
        let mut paths = hiding(kind, self, None);
        for conflict in self.conflicts() {
            for candidate in conflict.candidates {
                let beside = hiding(kind, self, Some((&conflict.field, candidate.value)));
                paths.extend(beside.into_iter().filter(|path| *path == conflict.field));
            }
        }
        paths.sort_unstable();
        paths.dedup();
        paths
    }

    /// The values of a field of [`Document::masked_fields`] as they were written, the one shown for now last; none of
    /// any other field.
    #[must_use]
    pub fn written(&self, kind: Kind, path: &str) -> Vec<String> {
        if !self.masked_fields(kind).iter().any(|masked| masked == path) {
            return Vec::new();
        }
        let open = self.conflicts().into_iter().find(|conflict| conflict.field == path);
        let values: Vec<Scalar> = match open {
            Some(open) => open.candidates.into_iter().map(|one| one.value).collect(),
            None => self.field(path).into_iter().collect(),
        };
        values.iter().filter_map(Scalar::as_text).map(str::to_owned).collect()
    }
}

/// The fields with a masked number, one of them with another value if that is given.
fn hiding(kind: Kind, document: &Document, beside: Option<(&str, Scalar)>) -> Vec<String> {
    let mut fields = document.fields();
    fields.extend(beside.map(|(path, value)| (path.to_owned(), value)));
    Content::from_fields(kind, &fields).map(|content| content.masked_fields()).unwrap_or_default()
}
