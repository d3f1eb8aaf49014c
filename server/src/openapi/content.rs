//! What records say, kind by kind: from the core's own table of fields, so that a field of the core can never be missing
//! here. A field's shape is read off a blank record; only what a blank leaves open is said here, by name.

use gridbook_core::model::words::{Locale, find};
use gridbook_core::model::{
    Body, Checklist, DiaryEntry, Household, Item, Kind, Merge, Outreach, Review, Template, TemplateItem,
    Visit, dictionary,
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::schema::AdditionalProperties;
use utoipa::openapi::{ArrayBuilder, ObjectBuilder, OneOfBuilder, Ref, RefOr, Schema, Type};

use super::nouns;

/// The schema of each kind's content, by name.
pub(super) fn schemas() -> Vec<(String, RefOr<Schema>)> {
    Kind::ALL.into_iter().map(|kind| (nouns::content_name(kind), of_kind(kind))).collect()
}

fn of_kind(kind: Kind) -> RefOr<Schema> {
    match kind {
        Kind::Household => of::<Household>(),
        Kind::Visit => of::<Visit>(),
        Kind::Diary => of::<DiaryEntry>(),
        Kind::Outreach => of::<Outreach>(),
        Kind::Checklist => of::<Checklist>(),
        Kind::Template => of::<Template>(),
        Kind::Review => of::<Review>(),
        // The core may learn of a kind; until it has its line here, nothing is said of what it says.
        _ => ObjectBuilder::new().schema_type(Type::Object).into(),
    }
}

fn of<B: Body>() -> RefOr<Schema> {
    let blank = blank(&B::default());
    let mut object = ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some(format!("What a {} says; docs/DATA.md describes each field.", B::KIND)));
    for field in B::FIELDS {
        let schema = match field.merge {
            Merge::PerElement => set(),
            Merge::PerEntry => map(match (field.name, B::KIND) {
                ("items", Kind::Template) => parts(B::KIND, &TemplateItem::default()),
                ("items", _) => parts(B::KIND, &Item::default()),
                ("ticks", _) => map(reference::<nouns::Instant>()),
                _ => set(),
            }),
            Merge::KeepBoth | Merge::Characters => single(field.name, &blank[field.name]),
        };
        object = object.property(field.name, titled(B::KIND, field.name, schema)).required(field.name);
    }
    object.into()
}

/// An object of single values, such as an item of a list.
fn parts(kind: Kind, body: &impl Serialize) -> RefOr<Schema> {
    let mut object = ObjectBuilder::new().schema_type(Type::Object);
    for (name, value) in blank(body).as_object().into_iter().flatten() {
        object = object.property(name, titled(kind, name, single(name, value))).required(name);
    }
    object.into()
}

fn blank(body: &impl Serialize) -> Value {
    serde_json::to_value(body).unwrap_or_default()
}

/// A single value, by what it is in a blank record; by its name, where that says nothing or too little.
fn single(name: &str, blank: &Value) -> RefOr<Schema> {
    let plain = |of: Type| ObjectBuilder::new().schema_type(of);
    match (name, blank) {
        ("household" | "subject", Value::String(_)) => reference::<nouns::RecordId>(),
        ("group", Value::String(_)) => reference::<nouns::Id>(),
        (_, Value::String(_)) => plain(Type::String).into(),
        (_, Value::Number(_)) => plain(Type::Integer).minimum(Some(0)).into(),
        (_, Value::Bool(_)) => plain(Type::Boolean).into(),
        ("started" | "ended", _) => or_null(reference::<nouns::Instant>()),
        ("date" | "starts" | "ends" | "next_visit" | "due", _) => or_null(reference::<nouns::Day>()),
        ("visit" | "template", _) => or_null(reference::<nouns::RecordId>()),
        ("dwelling", _) => or_null(nouns::text("Building, unit and room, such as `3-1-501`.").into()),
        _ => match dictionary::of_field(name) {
            Some(known) => {
                let codes = known.entries.iter().map(|entry| entry.code.as_str());
                or_null(nouns::words("A code of the field's dictionary.", codes).into())
            }
            None => Schema::Object(ObjectBuilder::new().schema_type(anything()).build()).into(),
        },
    }
}

fn anything() -> utoipa::openapi::schema::SchemaType {
    utoipa::openapi::schema::SchemaType::AnyValue
}

/// What the screen calls a field, where the schema has room for it.
fn titled(kind: Kind, name: &str, schema: RefOr<Schema>) -> RefOr<Schema> {
    let word = |key: &str| find(&format!("field.{key}"), Locale::Chinese).map(str::to_owned);
    let word = word(&format!("{kind}_{name}")).or_else(|| word(name));
    match schema {
        RefOr::T(Schema::Object(mut object)) => {
            object.title = word;
            Schema::Object(object).into()
        }
        RefOr::T(Schema::Array(mut array)) => {
            array.title = word;
            Schema::Array(array).into()
        }
        RefOr::T(Schema::OneOf(mut either)) => {
            either.title = word;
            Schema::OneOf(either).into()
        }
        other => other,
    }
}

fn set() -> RefOr<Schema> {
    let element = ObjectBuilder::new().schema_type(Type::String);
    ArrayBuilder::new().items(RefOr::T(element.into())).unique_items(true).into()
}

fn map(entry: RefOr<Schema>) -> RefOr<Schema> {
    let entries = AdditionalProperties::RefOr(entry);
    ObjectBuilder::new().schema_type(Type::Object).additional_properties(Some(entries)).into()
}

fn or_null(schema: RefOr<Schema>) -> RefOr<Schema> {
    let null = ObjectBuilder::new().schema_type(Type::Null);
    Schema::from(OneOfBuilder::new().item(null).item(schema)).into()
}

fn reference<S: ToSchema>() -> RefOr<Schema> {
    Ref::from_schema_name(S::name()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_every_kind_has_a_shape_of_its_own() {
        for kind in Kind::ALL {
            let schema = serde_json::to_value(of_kind(kind)).unwrap();
            for field in kind.fields() {
                let shape = &schema["properties"][field.name];
                let says = ["type", "$ref", "oneOf"].iter().any(|key| !shape[key].is_null());
                assert!(says, "{kind}.{}: say in `single` what it is", field.name);
            }
            assert_eq!(schema["required"].as_array().map(Vec::len), Some(kind.fields().len()), "{kind}");
        }
    }
}
