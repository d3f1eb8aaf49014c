//! One register taken away: opened, read page by page, each page written down before it goes into the file, and the
//! file sent in pieces. The console's page and the API's path both do it here, so that they give the same bytes.

use std::fs::File;
use std::io::Read;
use std::sync::LazyLock;

use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures::stream;
use gridbook_core::id::PersonId;
use gridbook_core::sync::protocol::FailureCode;
use tokio::sync::Semaphore;

use super::json_lines::JsonLines;
use super::{About, Format, Register, failed};
use crate::console::wording::Wording;
use crate::db::sqlite::Threads;
use crate::error::{Error, Result};
use crate::service::{Access, Ledger, LedgerRequest, Opened, Service};

/// So many files are written at the same time; the others wait their turn.
static ROOM: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(2));
/// A file leaves in pieces of so many bytes.
const PIECE: usize = 64 * 1024;

/// Who takes a register away.
pub(crate) struct Taker<'a> {
    /// Who.
    pub(crate) person: &'a PersonId,
    /// What they may do.
    pub(crate) access: &'a Access,
    /// How it is told to them.
    pub(crate) wording: &'a Wording,
}

/// What became of taking a register away.
pub(crate) enum Taken {
    /// The file, as it is answered with.
    File(Response),
    /// It has more lines than one file takes.
    TooMany,
}

/// Takes a register of at most `most` lines away as a file.
///
/// # Errors
/// As [`Service::open_ledger`]; [`Error::Refused`] with `busy`.
pub(crate) async fn take(
    service: &Service,
    taker: &Taker<'_>,
    request: LedgerRequest,
    format: Format,
    most: usize,
) -> Result<Taken> {
    let Opened::Ledger(ledger) = service.open_ledger(taker.access, request.clone(), most).await? else {
        return Ok(Taken::TooMany);
    };
    let full = |_| Error::refused(FailureCode::Busy, "too many files at once; try again soon");
    let _room = ROOM.acquire().await.map_err(full)?;
    let order = Order { service, taker, request };
    let file = match format {
        Format::Lines => Some(order.lines(ledger).await?),
        Format::Workbook => {
            let (wording, kind, about) = (taker.wording.clone(), order.request.kind, order.about());
            let begin = move || Register::workbook(&wording, kind, most, about);
            order.register(ledger, service.threads().run(begin).await??).await?
        }
        Format::Text => {
            let (wording, kind) = (taker.wording.clone(), order.request.kind);
            let begin = move || Register::text(&wording, kind, most);
            order.register(ledger, service.threads().run(begin).await??).await?
        }
    };
    let Some(file) = file else { return Ok(Taken::TooMany) };
    attachment(service.threads(), file, format, &order.names(format)).map(Taken::File)
}

struct Order<'a> {
    service: &'a Service,
    taker: &'a Taker<'a>,
    request: LedgerRequest,
}

impl Order<'_> {
    /// The file; `None` if it would have too many lines.
    async fn register(&self, mut ledger: Ledger, mut register: Register) -> Result<Option<File>> {
        let (Taker { person, access, wording }, threads) = (self.taker, self.service.threads());
        loop {
            let records = self.service.ledger_page(person, access, &mut ledger).await?;
            if records.is_empty() {
                return Ok(Some(threads.run(move || register.end()).await??));
            }
            let writing = Wording::clone(wording);
            let add = move || register.add(&writing, &records).map(|fits| (register, fits));
            let (added, fits) = threads.run(add).await??;
            if !fits {
                return Ok(None);
            }
            register = added;
        }
    }

    /// The same as JSON: a line a record.
    async fn lines(&self, mut ledger: Ledger) -> Result<File> {
        let threads = self.service.threads();
        let mut file = threads.run(JsonLines::begin).await??;
        loop {
            let records = self.service.ledger_views(self.taker.person, &mut ledger).await?;
            if records.is_empty() {
                return threads.run(move || file.end()).await?;
            }
            file = threads.run(move || file.add(&records).map(|()| file)).await??;
        }
    }

    /// Of which scope, in words.
    fn of(&self) -> String {
        let wording = self.taker.wording;
        let scope = self.request.scope.as_ref();
        scope.map_or(wording.community.clone(), |id| wording.directory.scope_name(id).to_owned())
    }

    fn about(&self) -> About {
        let (wording, kind, (from, to)) = (self.taker.wording, self.request.kind, self.request.days);
        let now = self.service.surroundings().now();
        let pairs = [
            (wording.say("ledger"), wording.word(&format!("kind.{kind}")).to_owned()),
            (wording.word("field.scope"), self.of()),
            (wording.say("ledger_period"), format!("{from} — {to}")),
            (wording.say("ledger_by"), wording.directory.person_name(self.taker.person).to_owned()),
            (wording.say("ledger_made"), wording.moment(now)),
            (wording.say("ledger_numbers"), wording.say("ledger_masked").to_owned()),
        ];
        About {
            title: wording.say("ledger_about"),
            lines: pairs.into_iter().map(|(name, text)| (name.to_owned(), text)).collect(),
            made: now,
        }
    }

    fn names(&self, format: Format) -> Names {
        let (wording, kind, (from, to)) = (self.taker.wording, self.request.kind, self.request.days);
        let word = wording.fill("ledger_of", &[("kind", wording.word(&format!("kind.{kind}")))]);
        Names {
            plain: format!("ledger-{kind}-{from}-{to}.{}", format.ending()),
            full: format!("{word}_{}_{from}_{to}.{}", self.of(), format.ending()),
        }
    }
}

/// What a file is called.
struct Names {
    /// In ASCII.
    plain: String,
    /// In words.
    full: String,
}

/// The file as it is taken away, under a name that says what it is.
fn attachment(threads: Threads, file: File, format: Format, names: &Names) -> Result<Response> {
    let length = file.metadata().map_err(failed)?.len();
    let full = names.full.chars();
    let full: String =
        full.map(|c| if c.is_control() || "\\/:*?\"<>|".contains(c) { '_' } else { c }).collect();
    let full: String = form_urlencoded::byte_serialize(full.as_bytes()).collect();
    let disposition =
        format!("attachment; filename=\"{}\"; filename*=UTF-8''{}", names.plain, full.replace('+', "%20"));
    let pieces = stream::unfold(Some(file), move |left| async move {
        let mut file = left?;
        let read = move || {
            let mut piece = Vec::with_capacity(PIECE);
            file.by_ref().take(PIECE as u64).read_to_end(&mut piece).map(|_| (Bytes::from(piece), file))
        };
        match threads.run(read).await {
            Ok(Ok((piece, _))) if piece.is_empty() => None,
            Ok(Ok((piece, file))) => Some((Ok(piece), Some(file))),
            Ok(Err(error)) => Some((Err(error), None)),
            Err(error) => Some((Err(std::io::Error::other(error)), None)),
        }
    });
    let headers = [
        (header::CONTENT_TYPE, format.media().to_owned()),
        (header::CONTENT_LENGTH, length.to_string()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, Body::from_stream(pieces)).into_response())
}
