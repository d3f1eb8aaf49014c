//! `GET /v1/audit`: the audit log, for auditors.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use gridbook_core::sync::protocol::FailureCode;

use super::Shared;
use super::bearer::{Pairs, answered, pairs};
use crate::error::Error;
use crate::openapi::answers::{Asked, Permitted, Told};
use crate::service::AuditView;

/// The largest number that every reader of JSON holds exactly; the log will not come near it. The document says it too.
const LARGEST: u64 = 9_007_199_254_740_991;

/// The audit log
///
/// For auditors: 200 rows at a time, earliest first. Reading it is written down as well.
#[utoipa::path(
    get,
    path = "/v1/audit",
    tag = "audit",
    operation_id = "read_audit",
    params(
        ("after" = Option<u64>, Query, minimum = 0, maximum = 9_007_199_254_740_991_i64,
            description = "Only rows after this number; from the first row on, if nothing is said."),
    ),
    responses((status = 200, description = "Rows of the log.", body = Vec<AuditView>), Told, Asked, Permitted),
)]
pub(crate) async fn audit(State(shared): State<Shared>, headers: HeaderMap, query: Pairs) -> Response {
    answered(&shared, &headers, async |person| {
        let after = match pairs(query)?.as_slice() {
            [] => Some(0),
            [(name, value)] if name == "after" => value.parse::<u64>().ok().filter(|after| *after <= LARGEST),
            _ => None,
        };
        let after = after.ok_or_else(|| {
            Error::refused(FailureCode::BadRequest, "after: the number of a row; there is no other parameter")
        })?;
        shared.service.audit_page(&person, after).await
    })
    .await
}
