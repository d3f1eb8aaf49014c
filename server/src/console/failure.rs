//! How a page's failure is told: in words that say what to do. What the service refused stays what it was.

use std::borrow::Cow;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use gridbook_core::model::Rule;
use gridbook_core::sync::protocol::FailureCode;

use super::words::Words;
use crate::error::Error;
use crate::handlers;

/// What a handler fails with; made from the service's error by `?`.
#[derive(Debug)]
pub(crate) struct Failure(Error);

impl<E: Into<Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

/// A failure on its way to the layer that draws the frame around it.
#[derive(Clone, Debug)]
pub(crate) struct Failed {
    code: FailureCode,
    /// The record is not any more as it was shown.
    changed: bool,
    /// A rule of the core that what was entered breaks.
    rule: Option<Rule>,
}

impl Failed {
    /// What is told of an error; what is not told is logged here.
    pub(crate) fn of(error: &Error) -> Self {
        let (code, detail) = error.told();
        let rule = match error {
            Error::Core(gridbook_core::Error::Invalid { rule, .. }) => Some(*rule),
            _ => None,
        };
        let code = if rule.is_some() { FailureCode::BadRequest } else { code };
        if code == FailureCode::Internal {
            tracing::error!(%error, "page failed");
        } else {
            tracing::info!(code = code.as_str(), detail, "page refused");
        }
        Self { code, changed: matches!(error, Error::Changed), rule }
    }

    pub(crate) fn status(&self) -> StatusCode {
        if self.changed { StatusCode::CONFLICT } else { handlers::status(self.code) }
    }

    /// What happened, as a heading.
    pub(crate) fn title(&self, words: Words) -> &'static str {
        words.say(match self.code {
            _ if self.changed => "failed_changed",
            FailureCode::NotFound => "failed_not_found",
            FailureCode::NotPermitted | FailureCode::Revoked => "failed_not_permitted",
            FailureCode::BadRequest | FailureCode::TooLarge => "failed_bad_request",
            FailureCode::BadProof => "failed_stale_page",
            FailureCode::SlowDown | FailureCode::Busy => "failed_busy",
            _ => "failed_internal",
        })
    }

    /// What to do.
    pub(crate) fn advice(&self, words: Words) -> Cow<'static, str> {
        if let Some(rule) = self.rule {
            return rule.words(words.0).into();
        }
        let key = match self.code {
            _ if self.changed => "advice_changed",
            FailureCode::NotFound => "advice_not_found",
            FailureCode::NotPermitted | FailureCode::Revoked => "advice_not_permitted",
            FailureCode::BadRequest | FailureCode::TooLarge => "advice_bad_request",
            FailureCode::BadProof => "advice_stale_page",
            FailureCode::SlowDown | FailureCode::Busy => "advice_busy",
            _ => "advice_internal",
        };
        words.say(key).into()
    }

    /// Both, in one line, for a script to show.
    pub(crate) fn line(&self, words: Words) -> String {
        format!("{} {}", self.title(words), self.advice(words))
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let failed = Failed::of(&self.0);
        let mut response = failed.status().into_response();
        response.extensions_mut().insert(failed);
        response
    }
}
