//! `GET /v1/summary`: what the console's pages 统计 and 反诈 read.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use super::Shared;
use super::bearer::{Pairs, answered, pairs};
use crate::openapi::answers::{Asked, Seen, Told};
use crate::openapi::nouns::{Day, Id};
use crate::service::{PeriodRequest, SummaryView};

/// What was recorded and done
///
/// In whole months, against those of a year before: what the console's pages 统计 and 反诈 say. Counts of grids and
/// groups alone, never of a person.
#[utoipa::path(
    get,
    path = "/v1/summary",
    tag = "summary",
    operation_id = "read_summary",
    params(
        ("grid" = Option<Id>, Query, description = "Only this grid; all that one may read, if nothing is said."),
        ("from" = Option<Day>, Query,
            description = "A day of the first month, at most eleven months before the last; January, if nothing is said."),
        ("to" = Option<Day>, Query, description = "A day of the last month; today, if nothing is said."),
    ),
    responses((status = 200, description = "The counts.", body = SummaryView), Told, Asked, Seen),
)]
pub(crate) async fn summary(State(shared): State<Shared>, headers: HeaderMap, query: Pairs) -> Response {
    answered(&shared, &headers, async |person| {
        shared.service.summary(&person, PeriodRequest::parse(pairs(query)?)?).await
    })
    .await
}
