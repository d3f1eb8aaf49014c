//! What went wrong, in words that say what to do, with a code for programs and an exit code for shells.

use gridbook_core::Error;
use gridbook_core::id::RecordId;
use gridbook_core::roster::Problem;
use serde_json::{Value, json};

use crate::fields::field_word;
use crate::print::Table;
use crate::speech::Speech;

/// Exit code: something other than the rest went wrong.
pub(crate) const OTHER: u8 = 1;
/// Exit code: what was typed breaks a rule.
pub(crate) const BAD_INPUT: u8 = 2;
/// Exit code: the server cannot be reached; everything is kept.
pub(crate) const OFFLINE: u8 = 3;
/// Exit code: refused for lack of permission, or because the phone is locked or revoked.
pub(crate) const REFUSED: u8 = 4;

/// What a command may fail with.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The core's error.
    Core(Error),
    /// What was typed cannot be read; the code's words are in `[phone_error]`, with these values in them.
    Input { code: &'static str, values: Vec<(&'static str, String)> },
    /// A roster with lines that cannot be used; nothing was imported.
    Roster(Vec<Problem>),
    /// A record that was not saved, kept as a draft.
    Kept { why: Box<Failure>, draft: RecordId },
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Core(error)
    }
}

impl Failure {
    pub(crate) fn input(code: &'static str, values: &[(&'static str, &str)]) -> Self {
        let values = values.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Failure::Input { code, values }
    }

    /// A stable word for programs.
    fn code(&self) -> &'static str {
        match self {
            Failure::Core(error) => error.code(),
            Failure::Input { code, .. } => code,
            Failure::Roster(_) => "roster_lines",
            Failure::Kept { why, .. } => why.code(),
        }
    }

    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Failure::Input { .. } | Failure::Roster(_) => BAD_INPUT,
            Failure::Kept { why, .. } => why.exit_code(),
            Failure::Core(error) if error.is_transient() => OFFLINE,
            Failure::Core(error) => match error {
                Error::Refused { .. }
                | Error::NotPermitted { .. }
                | Error::Revoked { .. }
                | Error::Withdrawn
                | Error::Wiped
                | Error::LeaseOver
                | Error::PinLocked
                | Error::PinNeeded
                | Error::PinWrong { .. }
                | Error::PinWait { .. } => REFUSED,
                Error::Invalid { .. }
                | Error::NoSuchRecord(_)
                | Error::UnknownId
                | Error::AmbiguousId(_)
                | Error::NoSuchDwelling
                | Error::BadInvitation(_)
                | Error::BadPin(_)
                | Error::NotEncrypted(_)
                | Error::WrongKind { .. }
                | Error::Voided(_)
                | Error::Roster(_) => BAD_INPUT,
                _ => OTHER,
            },
        }
    }

    /// What happened and what to do, for a person.
    pub(crate) fn tell(&self, speech: Speech) -> String {
        match self {
            Failure::Core(error) => tell_core(error, self.code(), speech),
            Failure::Input { code, values } => {
                let values: Vec<_> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
                speech.fill(&format!("phone_error.{code}"), &values)
            }
            Failure::Roster(problems) => {
                let mut table = Table::of(speech, &["line", "column", "rule"]);
                for problem in problems {
                    table.row([problem.line.to_string(), problem.column.clone(), speech.rule(problem.rule)]);
                }
                let n = problems.len().to_string();
                format!("{}\n{table}", speech.fill("phone_error.roster_lines", &[("n", &n)]))
            }
            Failure::Kept { why, draft } => {
                let kept = speech.fill("phone.kept_as_draft", &[("id", &draft.short())]);
                format!("{}\n{kept}", why.tell(speech))
            }
        }
    }

    /// The same for a program.
    pub(crate) fn to_json(&self, speech: Speech) -> Value {
        let mut told = json!({ "code": self.code(), "message": self.tell(speech) });
        match self {
            Failure::Core(Error::Invalid { kind, field, rule }) => {
                told["kind"] = json!(kind);
                told["field"] = json!(field);
                told["rule"] = json!(rule);
            }
            Failure::Core(Error::AmbiguousId(found)) => told["found"] = json!(found),
            Failure::Core(Error::Refused { code, .. }) => told["refusal"] = json!(code),
            Failure::Roster(problems) => told["problems"] = json!(problems),
            Failure::Kept { why, draft } => {
                told = why.to_json(speech);
                told["draft"] = json!(draft);
            }
            _ => {}
        }
        told
    }
}

fn tell_core(error: &Error, code: &str, speech: Speech) -> String {
    let key = format!("phone_error.{code}");
    if speech.find(&key).is_none() {
        return tell_plainly(error, code, speech);
    }
    match error {
        Error::Invalid { kind, field, rule: broken } => {
            let field = field_word(*kind, field, speech);
            speech.fill(&key, &[("field", &field), ("rule", &speech.rule(*broken))])
        }
        Error::NoSuchRecord(id) | Error::Voided(id) => speech.fill(&key, &[("id", &id.short())]),
        Error::AmbiguousId(found) => {
            let ids = speech.join(found.iter().map(ToString::to_string));
            speech.fill(&key, &[("ids", &ids)])
        }
        Error::WrongKind { id, found, expected } => speech.fill(
            &key,
            &[("id", &id.short()), ("found", &speech.kind(*found)), ("expected", &speech.kind(*expected))],
        ),
        Error::NotEncrypted(broken) => speech.fill(&key, &[("rule", &speech.rule(*broken))]),
        Error::Wait { code, wait } => {
            let why = speech.find(&format!("phone_refusal.{code}")).unwrap_or_else(|| code.clone());
            speech.fill(&key, &[("seconds", &wait.as_secs().to_string()), ("why", &why)])
        }
        Error::NotPermitted { kind, .. } => speech.fill(&key, &[("kind", &speech.kind(*kind))]),
        Error::BadInvitation(broken) | Error::BadPin(broken) => {
            speech.fill(&key, &[("rule", &speech.rule(*broken))])
        }
        Error::WrongKey(path) => speech.fill(&key, &[("file", &path.display().to_string())]),
        Error::Roster(broken) => speech.fill(&key, &[("why", &speech.rule(*broken))]),
        Error::Offline(why) => speech.fill(&key, &[("why", why)]),
        Error::Refused { code, detail } => {
            let why = speech.find(&format!("phone_refusal.{code}")).unwrap_or_else(|| detail.clone());
            speech.fill(&key, &[("code", code), ("why", &why)])
        }
        Error::File { path, source } => {
            speech.fill(&key, &[("file", &path.display().to_string()), ("why", &source.to_string())])
        }
        Error::NoSuchDwelling
        | Error::NotEnrolled
        | Error::Cancelled
        | Error::Withdrawn
        | Error::Wiped
        | Error::LeaseOver
        | Error::PinLocked
        | Error::PinNeeded => speech.say(&key),
        other => speech.fill(&key, &[("why", &other.to_string())]),
    }
}

/// The words that every screen has for an error, and what the core says of those that nobody expects.
fn tell_plainly(error: &Error, code: &str, speech: Speech) -> String {
    let told = speech.say(&format!("error.{code}"));
    match error {
        Error::Damaged(_) | Error::Store(_) | Error::Document(_) | Error::Protocol(_) => {
            format!("{told} ({error})")
        }
        Error::PinWrong { left } => speech.fill(&format!("error.{code}"), &[("n", &left.to_string())]),
        Error::PinWait { seconds } => speech.fill(&format!("error.{code}"), &[("n", &seconds.to_string())]),
        _ => told,
    }
}
