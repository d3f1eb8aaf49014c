//! The core's types as the API writes them. The core itself knows nothing of OpenAPI, so that phones do not carry it;
//! the handlers and views name these in its types' stead.

use std::borrow::Cow;

use gridbook_core::model::{self, dictionary};
use utoipa::openapi::schema::SchemaFormat;
use utoipa::openapi::{KnownFormat, ObjectBuilder, OneOfBuilder, Ref, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::console::ledger;
use crate::db;

/// Declares how one of the core's types is written.
macro_rules! noun {
    ($(#[$doc:meta])* $name:ident => $schema:expr) => {
        $(#[$doc])*
        pub(crate) struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                $schema.into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                stringify!($name).into()
            }
        }
    };
}

noun!(
    /// A person, a scope or a device.
    Id => text("What a person, a grid, a group or a community is known by.")
);
noun!(
    /// A record.
    RecordId => text("What a record is known by.").format(Some(SchemaFormat::Custom("uuid".to_owned())))
);
noun!(
    /// A moment.
    Instant => number("A moment: milliseconds since 1970-01-01 in UTC.")
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
);
noun!(
    /// A day.
    Day => text("A calendar day, such as `2026-11-23`.").format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
);
noun!(
    /// A kind of record.
    Kind => words("A kind of record.", model::Kind::ALL.map(model::Kind::as_str))
);
noun!(
    /// A lead's mark.
    Mark => words("A lead's mark.", codes("review_mark"))
);
noun!(
    /// What somebody did.
    Act => words("What somebody did.", db::Act::ALL.map(db::Act::as_str))
);
noun!(
    /// Why households are handed over.
    Cause => words("Why households are handed over.", ["recut", "staff"])
);
noun!(
    /// The format of a file.
    Format => words("The format of a file.", ledger::Format::ALL.map(ledger::Format::ending))
);
noun!(
    /// A file.
    Bytes => text("The bytes of a file.").format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)))
);
noun!(
    /// This very document.
    Document => ObjectBuilder::new().schema_type(Type::Object).description(Some("An OpenAPI document."))
);
noun!(
    /// What a record says.
    Content => model::Kind::ALL.into_iter().fold(
        OneOfBuilder::new().description(Some("What a record says: the fields of its kind.")),
        |either, kind| either.item(Ref::from_schema_name(content_name(kind))),
    )
);

/// Who withdrew a record, when and why.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of the core's type, for the document alone")]
pub(crate) struct Voided {
    /// Who.
    #[schema(value_type = Id)]
    by: (),
    /// When, by that phone's clock.
    #[schema(value_type = Instant)]
    at: (),
    /// Why, numbers masked.
    reason: String,
}

noun!(
    /// The value of one field.
    Scalar => ObjectBuilder::new()
        .schema_type(utoipa::openapi::schema::SchemaType::Array(vec![
            Type::Boolean, Type::Integer, Type::String, Type::Null,
        ]))
        .description(Some("The value of one field; `null` where it was empty."))
);

/// One field that a change changed.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of the core's type, for the document alone")]
pub(crate) struct FieldChange {
    /// The field's path: its name, and what follows in sets and maps.
    field: String,
    /// What it was.
    #[schema(value_type = Scalar)]
    from: (),
    /// What it became.
    #[schema(value_type = Scalar)]
    to: (),
}

/// What the schema of a kind's content is called.
pub(super) fn content_name(kind: model::Kind) -> String {
    let word = kind.as_str();
    let (first, rest) = word.split_at(1);
    format!("{}{rest}Content", first.to_uppercase())
}

/// The codes of a dictionary.
pub(super) fn codes(name: &str) -> impl Iterator<Item = &'static str> + use<> {
    dictionary::named(name).entries.iter().map(|entry| entry.code.as_str())
}

pub(super) fn text(meaning: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).description(Some(meaning))
}

pub(super) fn number(meaning: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Integer).description(Some(meaning))
}

pub(super) fn words<'a>(meaning: &str, words: impl IntoIterator<Item = &'a str>) -> ObjectBuilder {
    text(meaning).enum_values(Some(words.into_iter().map(str::to_owned)))
}
