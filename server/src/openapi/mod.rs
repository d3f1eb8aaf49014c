//! The leads' API as OpenAPI 3.1, for programs that read it and for who writes them: `GET /v1/openapi.json`.
//!
//! Each handler describes its path, each view its fields; `answers` are the refusals, `nouns` the core's types, and
//! `content` what records say, from the core's own table of fields. `server/tests/openapi.rs` holds the router and real
//! answers to it.

pub(crate) mod answers;
mod content;
pub(crate) mod nouns;

use std::sync::LazyLock;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use utoipa::openapi::path::ParameterIn;
use utoipa::openapi::schema::SchemaType;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Components, OneOf, RefOr, Schema, Type};
use utoipa::{Modify, OpenApi};

use crate::handlers::{audit, exports, hand_over, health, records, summary};

/// Where it is.
pub(crate) const PATH: &str = "/v1/openapi.json";

static DOCUMENT: LazyLock<String> =
    LazyLock::new(|| Api::openapi().to_json().unwrap_or_else(|error| unreachable!("plain values: {error}")));

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Gridbook",
        description = "What leads, auditors and those who run the server read as JSON, each with a bearer token that \
                       `gridbook-server people token` makes. Phones speak another protocol.",
    ),
    paths(
        records::records,
        records::record,
        records::history,
        records::reveal,
        summary::summary,
        exports::exports,
        exports::export,
        hand_over::hand_over,
        audit::audit,
        document,
        health::health,
    ),
    tags(
        (name = "records", description = "What was recorded."),
        (name = "summary", description = "Figures."),
        (name = "exports", description = "The registers (台账) as files."),
        (name = "hand-over", description = "Moving households to another grid."),
        (name = "audit", description = "Who did what."),
        (name = "server", description = "The server itself."),
    ),
    security(("bearer" = [])),
    components(schemas(answers::FailureView, nouns::Format)),
    modifiers(&Shape),
)]
struct Api;

/// The bodies that programs send. Of these a field may be left out; an answer has all of its fields, empty ones as `null`.
const ASKED: [&str; 2] = ["HandOver", "Reveal"];

/// What the macros do not say.
struct Shape;

impl Modify for Shape {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let bearer = Http::builder().scheme(HttpAuthScheme::Bearer).description(Some("A lead's token."));
        let components = api.components.get_or_insert_with(Components::new);
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer.build()));
        for (name, schema) in &mut components.schemas {
            if let RefOr::T(Schema::Object(object)) = schema
                && !ASKED.contains(&name.as_str())
            {
                object.required = object.properties.keys().cloned().collect();
            }
        }
        components.schemas.extend(content::schemas());
        for path in api.paths.paths.values_mut() {
            let operations = [&mut path.get, &mut path.post];
            let parameters = operations.into_iter().flatten().filter_map(|one| one.parameters.as_mut());
            for parameter in parameters.flatten() {
                let RefOr::T(parameter) = parameter else { continue };
                if matches!(parameter.parameter_in, ParameterIn::Query | ParameterIn::Header) {
                    parameter.schema = parameter.schema.take().map(without_null);
                }
            }
        }
    }
}

/// A parameter that may be left out has no way to say `null`.
fn without_null(schema: RefOr<Schema>) -> RefOr<Schema> {
    match schema {
        RefOr::T(Schema::OneOf(OneOf { items, .. })) => {
            let null = SchemaType::Type(Type::Null);
            let is_null = |item: &RefOr<Schema>| matches!(item, RefOr::T(Schema::Object(object)) if object.schema_type == null);
            items.into_iter().find(|item| !is_null(item)).unwrap_or_default()
        }
        RefOr::T(Schema::Object(mut object)) => {
            if let SchemaType::Array(types) = &object.schema_type
                && let Some(only) = types.iter().find(|one| **one != Type::Null)
            {
                object.schema_type = SchemaType::Type(only.clone());
            }
            Schema::Object(object).into()
        }
        other => other,
    }
}

/// This document
///
/// Needs no token.
#[utoipa::path(
    get,
    path = "/v1/openapi.json",
    tag = "server",
    operation_id = "read_document",
    security(()),
    responses((status = 200, description = "OpenAPI 3.1.", body = nouns::Document), answers::Open),
)]
pub(crate) async fn document() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT.as_str()).into_response()
}
