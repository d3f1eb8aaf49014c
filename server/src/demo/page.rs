//! The lead's page of the day, as `GET /v1/records` answers it, in a terminal.

use gridbook_core::clock::{Day, Zone};
use gridbook_core::model::Content;
use unicode_width::UnicodeWidthStr;

use super::founding::Founded;
use super::telling::Teller;
use crate::error::Result;
use crate::server::Server;
use crate::service::{RecordRequest, RecordView};

/// How many records the page shows.
const LINES: usize = 20;
/// How many columns of a note it shows.
const NOTE: usize = 44;

/// Prints the page of `day` for the community's lead.
pub(super) async fn print(
    server: &Server,
    founded: &Founded,
    day: Day,
    teller: &mut Teller<'_>,
) -> Result<()> {
    let request = RecordRequest { date: Some(day), limit: Some(LINES), ..RecordRequest::default() };
    let page = server.service().records(founded.person("lead-1")?, request).await?;
    teller.blank();
    teller.tell("page", &[("name", founded.name("lead-1")), ("day", &day.to_string())]);
    if page.records.is_empty() {
        teller.tell("page_empty", &[]);
    }
    for record in &page.records {
        let line = line(record, server.service().zone(), teller);
        teller.line(&line);
    }
    Ok(())
}

fn line(record: &RecordView, zone: Zone, teller: &Teller<'_>) -> String {
    let time = zone.local(record.occurred_at).format("%H:%M").to_string();
    let kind = teller.word(&format!("kind.{}", record.kind));
    let review = match &record.review {
        Some(review) if review.current => teller.word("standing.reviewed"),
        _ => String::new(),
    };
    let text = record.content.written().replace('\n', " ");
    let text = match &record.content {
        Content::Checklist(list) => {
            let progress = list.progress();
            let done = progress.iter().filter(|item| item.done).count();
            format!("{} {done}/{}", list.title, progress.len())
        }
        _ => text,
    };
    let columns = [padded(&kind, 8), padded(&record.author_name, 6), padded(&shortened(&text), NOTE), review];
    format!("  {time}  {}", columns.join("  ")).trim_end().to_owned()
}

/// `text` filled with spaces to `columns`; Chinese characters take two.
fn padded(text: &str, columns: usize) -> String {
    let width = text.width();
    format!("{text}{}", " ".repeat(columns.saturating_sub(width)))
}

fn shortened(text: &str) -> String {
    let mut short = String::new();
    for character in text.chars() {
        if short.width() >= NOTE - 2 {
            short.push('…');
            return short;
        }
        short.push(character);
    }
    short
}
