//! `GET /v1/exports` and `/v1/exports/{kind}`: the registers (台账) that one may take away, and one of them as a file,
//! the very file that the console gives.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use gridbook_core::clock::Day;
use gridbook_core::id::ScopeId;
use gridbook_core::model::Kind;
use gridbook_core::sync::protocol::FailureCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::Shared;
use super::bearer::{Named, Pairs, answered, named, pairs, responded};
use crate::console::ledger::{self, Format, Taken, Taker};
use crate::console::{Wording, Words};
use crate::error::{Error, Result};
use crate::openapi::answers::{Asked, Large, Permitted, Seen, Told};
use crate::openapi::nouns;
use crate::service::asking::{self, broken, unknown};
use crate::service::{LedgerRequest, NOT_EXPORTED, Period};

/// What there is to take away.
#[derive(Serialize, ToSchema)]
pub(crate) struct Exports {
    /// The days that are meant.
    period: Period,
    /// At most so many lines are given as one file.
    most: usize,
    /// Kind by kind.
    exports: Vec<Export>,
}

/// One kind of records, as it may be taken away.
#[derive(Serialize, ToSchema)]
struct Export {
    /// Of what.
    #[schema(value_type = nouns::Kind)]
    kind: Kind,
    /// The formats that there are, the usual one first: `xlsx` and `csv` where there is a register.
    formats: Vec<&'static str>,
    /// How many records; `null` where none is given, for `reason`.
    records: Option<usize>,
    /// True if there are more than `most`: name a shorter period, or one grid.
    too_many: bool,
    /// Why none is given.
    reason: Option<String>,
}

/// What a query says.
struct Asking {
    scope: Option<ScopeId>,
    days: (Day, Day),
    format: Option<Format>,
}

impl Asking {
    fn parse(pairs: Vec<(String, String)>, known: &[&str], today: Day) -> Result<Self> {
        let (mut scope, mut from, mut to, mut format) = (None, None, None, None);
        for (name, value) in pairs {
            match name.as_str() {
                "scope" => scope = Some(ScopeId(value)),
                "from" => from = Some(asking::day("from", &value)?),
                "to" => to = Some(asking::day("to", &value)?),
                "format" if known.contains(&"format") => {
                    let known = || broken("format", "one of xlsx, csv, jsonl");
                    format = Some(Format::from_word(&value).ok_or_else(known)?);
                }
                _ => return Err(unknown(&name, known)),
            }
        }
        asking::in_order(from, to.unwrap_or(today))?;
        Ok(Self { scope, days: LedgerRequest::days(from, to, today), format })
    }
}

/// What may be taken away
///
/// Kind by kind, with how many records there are. Only roles that export something are answered.
#[utoipa::path(
    get,
    path = "/v1/exports",
    tag = "exports",
    operation_id = "list_exports",
    params(
        ("scope" = Option<nouns::Id>, Query,
            description = "Only of this grid, group or community; of all that one may export from, if nothing is said."),
        ("from" = Option<nouns::Day>, Query,
            description = "The first day; the first of the last day's month, if nothing is said."),
        ("to" = Option<nouns::Day>, Query, description = "The last day; today, if nothing is said."),
    ),
    responses((status = 200, description = "The kinds.", body = Exports), Told, Asked, Seen, Permitted),
)]
pub(crate) async fn exports(State(shared): State<Shared>, headers: HeaderMap, query: Pairs) -> Response {
    answered(&shared, &headers, async |person| {
        let (service, most) = (&shared.service, shared.limits.ledger_lines);
        let today = service.zone().day(service.surroundings().now());
        let asked = Asking::parse(pairs(query)?, &["scope", "from", "to"], today)?;
        let access = service.access(&person).await?;
        let sizes = service.ledger_sizes(&access, &Kind::ALL, asked.scope.as_ref(), asked.days, most).await?;
        if sizes.iter().all(|(_, size)| size.is_none()) {
            return Err(Error::refused(FailureCode::NotPermitted, NOT_EXPORTED));
        }
        let export = |(kind, size): (Kind, Option<usize>)| {
            let too_many = size.is_some_and(|size| size > most);
            Export {
                kind,
                formats: Format::of(kind).iter().map(|format| format.ending()).collect(),
                records: size.filter(|_| !too_many),
                too_many,
                reason: match size {
                    None => Some(NOT_EXPORTED.to_owned()),
                    Some(_) => too_many.then(|| narrow(most)),
                },
            }
        };
        let exports = sizes.into_iter().map(export).collect();
        Ok(Exports { period: asked.days.into(), most, exports })
    })
    .await
}

/// One kind of records as a file
///
/// As XLSX or CSV the register that the console gives, in Chinese unless `accept-language` begins with `en`; as `jsonl`
/// a record a line, each as `GET /v1/records/{id}` shows it. Numbers are masked, households stand in every period.
/// What is taken away is written down before the first line leaves.
#[utoipa::path(
    get,
    path = "/v1/exports/{kind}",
    tag = "exports",
    operation_id = "take_export",
    params(
        ("kind" = nouns::Kind, Path, description = "Of what."),
        ("scope" = Option<nouns::Id>, Query,
            description = "Only of this grid, group or community; of all that one may export from, if nothing is said."),
        ("from" = Option<nouns::Day>, Query,
            description = "The first day; the first of the last day's month, if nothing is said."),
        ("to" = Option<nouns::Day>, Query, description = "The last day; today, if nothing is said."),
        ("format" = Option<nouns::Format>, Query,
            description = "Which kind of file; the first that `GET /v1/exports` names, if nothing is said."),
        ("accept-language" = Option<String>, Header, description = "English, if it begins with `en`; Chinese otherwise."),
    ),
    responses(
        (
            status = 200,
            description = "The file, under a name that says what it is.",
            content(
                (nouns::Bytes = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
                (nouns::Bytes = "text/csv"),
                (nouns::Bytes = "application/x-ndjson"),
            ),
            headers(("content-disposition" = String, description = "`attachment`, with the file's name.")),
        ),
        Told, Asked, Seen, Permitted, Large,
    ),
)]
pub(crate) async fn export(
    State(shared): State<Shared>,
    headers: HeaderMap,
    kind: Named,
    query: Pairs,
) -> Response {
    responded(&shared, &headers, async |person| {
        let (service, most) = (&shared.service, shared.limits.ledger_lines);
        let today = service.zone().day(service.surroundings().now());
        let kind = asking::kind("kind", &named(kind))?;
        let asked = Asking::parse(pairs(query)?, &["scope", "from", "to", "format"], today)?;
        let formats = Format::of(kind);
        let format = asked.format.or(formats.first().copied()).filter(|format| formats.contains(format));
        let format =
            format.ok_or_else(|| broken("format", &format!("jsonl; there is no register of {kind}")))?;
        let access = service.access(&person).await?;
        let wording = Wording::of(service, &access, Words::asked(&headers)).await?;
        let taker = Taker { person: &person, access: &access, wording: &wording };
        let request = LedgerRequest { kind, scope: asked.scope, days: asked.days };
        match ledger::take(service, &taker, request, format, most).await? {
            Taken::File(file) => Ok(file),
            Taken::TooMany => Err(Error::refused(FailureCode::TooLarge, narrow(most))),
        }
    })
    .await
}

fn narrow(most: usize) -> String {
    format!("more than {most} lines; name a shorter period, or one grid")
}
