//! The refusals that several paths share: which status means what, and what every one of them looks like.

use std::collections::BTreeMap;

use utoipa::openapi::{Content, HeaderBuilder, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder, Type};
use utoipa::{IntoResponses, ToSchema};

type Responses = BTreeMap<String, RefOr<Response>>;

/// Why something is refused. The protocol's failure, without what concerns phones alone.
#[derive(ToSchema)]
#[schema(as = Failure)]
#[expect(dead_code, reason = "the shape of the core's type, for the document alone")]
pub(crate) struct FailureView {
    /// What kind of refusal it is, in a word such as `bad_request`; newer servers may know more.
    code: String,
    /// What happened and what to do, without personal data.
    detail: String,
}

/// What every path may answer that whoever asks needs no token for.
pub(crate) struct Open;
/// What every path may answer that needs a token.
pub(crate) struct Told;
/// Parameters or a body that break a rule.
pub(crate) struct Asked;
/// What one may not see, or what does not exist.
pub(crate) struct Seen;
/// What one may see and not do.
pub(crate) struct Permitted;
/// A body that is too large.
pub(crate) struct Body;
/// A file that would be too large.
pub(crate) struct Large;

impl IntoResponses for Open {
    fn responses() -> Responses {
        let wait = "Asked too often from this address: wait as long as `retry-after` says.";
        let busy = "Too much at once: the same request succeeds later.";
        of([(429, later(wait)), (500, failure("The server failed.")), (503, later(busy))])
    }
}

impl IntoResponses for Told {
    fn responses() -> Responses {
        let token = "The token is missing, unknown, expired or revoked.";
        let challenge = header("What is asked for: `Bearer`.", Type::String);
        let token = failure(token).header("www-authenticate", challenge);
        of([(401, token)]).into_iter().chain(Open::responses()).collect()
    }
}

impl IntoResponses for Asked {
    fn responses() -> Responses {
        of([(
            400,
            failure("Something asked for is unknown or breaks a rule; `detail` names it and the rule."),
        )])
    }
}

impl IntoResponses for Seen {
    fn responses() -> Responses {
        of([(404, failure("It does not exist, or is not for the one who asks."))])
    }
}

impl IntoResponses for Permitted {
    fn responses() -> Responses {
        of([(403, failure("The role of the one who asks does not do this."))])
    }
}

impl IntoResponses for Body {
    fn responses() -> Responses {
        of([(413, failure("The body is beyond the limit."))])
    }
}

impl IntoResponses for Large {
    fn responses() -> Responses {
        of([(413, failure("The file would have too many lines: name a shorter period, or one grid."))])
    }
}

fn of<const N: usize>(answers: [(u16, ResponseBuilder); N]) -> Responses {
    answers.into_iter().map(|(status, answer)| (status.to_string(), answer.build().into())).collect()
}

fn failure(meaning: &str) -> ResponseBuilder {
    let content = Content::new(Some(Ref::from_schema_name("Failure")));
    ResponseBuilder::new().description(meaning).content("application/json", content)
}

fn later(meaning: &str) -> ResponseBuilder {
    failure(meaning).header("retry-after", header("Seconds.", Type::Integer))
}

fn header(meaning: &str, kind: Type) -> utoipa::openapi::Header {
    HeaderBuilder::new()
        .schema(Some(ObjectBuilder::new().schema_type(kind)))
        .description(Some(meaning))
        .build()
}
