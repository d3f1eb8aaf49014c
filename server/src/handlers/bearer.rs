//! How the leads' API is asked and answered: whose token it is, a query's pairs, what a path names, JSON.

use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use gridbook_core::id::PersonId;
use gridbook_core::sync::protocol::FailureCode;
use serde::Serialize;

use super::{Shared, json_failure};
use crate::auth;
use crate::error::{Error, Result};

/// A query as it came.
pub(super) type Pairs = Result<Query<Vec<(String, String)>>, QueryRejection>;
/// What stands in the path as it came.
pub(super) type Named = Result<Path<String>, PathRejection>;

/// The names and values of a query.
pub(super) fn pairs(query: Pairs) -> Result<Vec<(String, String)>> {
    let unreadable = |_| Error::refused(FailureCode::BadRequest, "query: name=value pairs joined by &");
    Ok(query.map_err(unreadable)?.0)
}

/// What the path names; what is no text names nothing.
pub(super) fn named(path: Named) -> String {
    path.map(|Path(text)| text).unwrap_or_default()
}

/// Answers whoever's token it is, as JSON.
pub(super) async fn answered<T: Serialize>(
    shared: &Shared,
    headers: &HeaderMap,
    ask: impl AsyncFnOnce(PersonId) -> Result<T>,
) -> Response {
    responded(shared, headers, async |person| Ok(Json(ask(person).await?).into_response())).await
}

/// Answers whoever's token it is, as it comes.
pub(super) async fn responded(
    shared: &Shared,
    headers: &HeaderMap,
    ask: impl AsyncFnOnce(PersonId) -> Result<Response>,
) -> Response {
    let answer = async {
        let Some(person) = auth::bearer(&shared.service, headers).await? else { return Ok(unknown()) };
        ask(person).await
    };
    answer.await.unwrap_or_else(|error: Error| json_failure(&error))
}

fn unknown() -> Response {
    let detail = "authorization: a bearer token that is neither expired nor revoked is needed";
    let refused = json_failure(&Error::refused(FailureCode::BadProof, detail));
    ([(header::WWW_AUTHENTICATE, "Bearer")], refused).into_response()
}
