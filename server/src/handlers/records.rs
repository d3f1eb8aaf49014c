//! The leads' API under `/v1/records`: lists, one record, its history, its numbers.

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

use super::bearer::{Named, Pairs, answered, named, pairs};
use super::{Shared, whole};
use crate::openapi::answers::{Asked, Body, Permitted, Seen, Told};
use crate::openapi::nouns::{Day, Id, Kind, RecordId};
use crate::service::{RecordPage, RecordRequest, RecordView, StepView};

/// Records, newest first
///
/// Of the kinds that one may read, in scopes that one has a part in, a page at a time. Identity-card and telephone
/// numbers are masked, also within texts. Which records of others were shown is written down.
#[utoipa::path(
    get,
    path = "/v1/records",
    tag = "records",
    operation_id = "list_records",
    params(
        ("kind" = Option<Kind>, Query, description = "Only this kind."),
        ("grid" = Option<Id>, Query, description = "Only what happened in this grid."),
        ("date" = Option<Day>, Query, description = "Only what belongs to this day."),
        ("author" = Option<Id>, Query, description = "Only what this person wrote first."),
        // Day 3652059 is the last of the year 9999.
        ("after" = Option<String>, Query, pattern = r"^([0-9]{1,6}|[12][0-9]{6}|3[0-5][0-9]{5}|36[0-4][0-9]{4}|365[01][0-9]{3}|36520[0-5][0-9])_-?[0-9]{1,15}_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
            description = "Only what follows: `next` of the page before."),
        ("limit" = Option<usize>, Query, minimum = 1, maximum = 200,
            description = "At most so many records on the page; 50 if nothing is said."),
    ),
    responses((status = 200, description = "A page of records.", body = RecordPage), Told, Asked, Seen),
)]
pub(crate) async fn records(State(shared): State<Shared>, headers: HeaderMap, query: Pairs) -> Response {
    answered(&shared, &headers, async |person| {
        shared.service.records(&person, RecordRequest::parse(pairs(query)?)?).await
    })
    .await
}

/// One record
///
/// Numbers masked. What one may not read is answered like what does not exist.
#[utoipa::path(
    get,
    path = "/v1/records/{id}",
    tag = "records",
    operation_id = "read_record",
    params(("id" = RecordId, Path, description = "Which record.")),
    responses((status = 200, description = "The record.", body = RecordView), Told, Seen),
)]
pub(crate) async fn record(State(shared): State<Shared>, headers: HeaderMap, id: Named) -> Response {
    answered(&shared, &headers, async |person| shared.service.record(&person, &named(id)).await).await
}

/// Who changed which field when
///
/// Earliest first, numbers masked.
#[utoipa::path(
    get,
    path = "/v1/records/{id}/history",
    tag = "records",
    operation_id = "read_history",
    params(("id" = RecordId, Path, description = "Which record.")),
    responses((status = 200, description = "The changes.", body = Vec<StepView>), Told, Seen, Permitted),
)]
pub(crate) async fn history(State(shared): State<Shared>, headers: HeaderMap, id: Named) -> Response {
    answered(&shared, &headers, async |person| shared.service.history(&person, &named(id)).await).await
}

/// What a reveal is asked with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reveal {
    /// Why the numbers are needed: 2 to 200 characters between which nothing but text stands. It is kept.
    #[schema(
        min_length = 2,
        max_length = 200,
        pattern = r"^[^\s\u0000-\u001f\u007f-\u009f]([^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f])$"
    )]
    reason: String,
}

/// One record with its numbers as they were written
///
/// Who asked, and why, is written down before the answer leaves.
#[utoipa::path(
    post,
    path = "/v1/records/{id}/reveal",
    tag = "records",
    operation_id = "reveal_record",
    params(("id" = RecordId, Path, description = "Which record.")),
    request_body = Reveal,
    responses((status = 200, description = "The record.", body = RecordView), Told, Asked, Seen, Permitted, Body),
)]
pub(crate) async fn reveal(
    State(shared): State<Shared>,
    headers: HeaderMap,
    id: Named,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    answered(&shared, &headers, async |person| {
        // A body that is none counts as no reason, so that an id that is nobody's is told as such first.
        let asked: Option<Reveal> = serde_json::from_slice(&whole(body)?).ok();
        let reason = asked.map(|asked| asked.reason).unwrap_or_default();
        shared.service.reveal(&person, &named(id), &reason).await
    })
    .await
}
