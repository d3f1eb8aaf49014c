//! The demo's story: two workers of one grid and a lead, a morning without a network.

use std::path::Path;

use gridbook_core::id::RecordId;
use gridbook_core::model::{
    Checklist, DiaryEntry, Household, Mark, Outcome, Record, Scalar, Standing, Tags, Visit, dictionary,
};
use gridbook_core::workbook::{DueHousehold, Filter, New};

use super::founding::Founded;
use super::pocket::Phone;
use super::telling::Teller;
use crate::error::{Error, Result};
use crate::server::Server;

/// The three phones; both workers walk the fourth grid.
pub(super) struct Story {
    first: Phone,
    second: Phone,
    lead: Phone,
}

impl Story {
    /// Opens the phones and lets them take in what is there.
    pub(super) async fn begin(
        server: &Server,
        founded: &Founded,
        folder: &Path,
        url: &str,
        teller: &mut Teller<'_>,
    ) -> Result<Self> {
        let mut phones = Vec::new();
        for key in ["worker-4", "worker-9", "lead-1"] {
            let phone = Phone::of(server, founded, key, folder, url).await?;
            let started = std::time::Instant::now();
            let report = phone.sync().await?;
            let records = report.received.to_string();
            let millis = started.elapsed().as_millis().to_string();
            teller.tell("phone", &[("name", &phone.name), ("changes", &records), ("ms", &millis)]);
            phones.push(phone);
        }
        let mut phones = phones.into_iter();
        match (phones.next(), phones.next(), phones.next()) {
            (Some(first), Some(second), Some(lead)) => Ok(Self { first, second, lead }),
            _ => Err(Error::admin("the demo needs three phones")),
        }
    }

    /// Lives through the morning.
    pub(super) async fn tell(&self, teller: &mut Teller<'_>) -> Result<()> {
        let visit = self.before(teller).await?;
        teller.rest(2).await;
        self.without_network(&visit, teller).await?;
        self.together_again(&visit, teller).await?;
        self.review(&visit, teller).await
    }

    /// With a network: a visit that both workers know.
    async fn before(&self, teller: &mut Teller<'_>) -> Result<Record<Visit>> {
        let due = self.due(1)?.into_iter().next().map(|due| due.household);
        // After many runs in one day nobody is due any more; then anybody is visited.
        let walk = || Ok::<_, Error>(self.first.workbook.households().walk(None, 1)?.0.into_iter().next());
        let household = due.map_or_else(walk, |household| Ok(Some(household)))?;
        let household = &household.ok_or_else(|| Error::admin("this grid has no household"))?;
        let visit = Visit {
            purposes: Tags::from_iter(["routine", "anti_fraud"]),
            note: "老人说最近常接到客服电话，提醒不要转账".into(),
            ..met(household)
        };
        let visit = self.first.workbook.visits().save(New::of(visit))?;
        self.first.sync().await?;
        self.second.sync().await?;
        teller.blank();
        teller.tell(
            "shared_visit",
            &[("name", &self.first.name), ("dwelling", &dwelling(household)), ("other", &self.second.name)],
        );
        Ok(visit)
    }

    /// Without: both work on, on the same visit and the same list.
    async fn without_network(&self, visit: &Record<Visit>, teller: &mut Teller<'_>) -> Result<()> {
        teller.blank();
        teller.tell("offline", &[("name", &self.first.name), ("other", &self.second.name)]);
        for (household, outcome) in
            self.due(3)?.into_iter().zip([Outcome::Met, Outcome::NotMet, Outcome::Phone])
        {
            let saved = self.first.workbook.visits().save(New::of(Visit {
                outcome: Some(outcome),
                note: "上门走访，查看了楼道和燃气软管".into(),
                ..met(&household.household)
            }))?;
            let outcome = coded("visit_outcome", &outcome, teller);
            teller.tell(
                "visited",
                &[
                    ("name", &self.first.name),
                    ("dwelling", &dwelling(&household.household)),
                    ("outcome", &outcome),
                    ("standing", &self.standing(&self.first, saved.id, teller)?),
                ],
            );
            teller.rest(1).await;
        }
        let mut outreach = self.first.workbook.visits().outreach_from(visit.id)?;
        outreach.content.fraud_types = Tags::from_iter(["customer_service"]);
        self.first.workbook.outreach().save(outreach)?;
        teller.tell("one_tap", &[("name", &self.first.name)]);
        let entry =
            DiaryEntry { text: "二单元楼道灯不亮，已报物业".into(), ..DiaryEntry::default() };
        self.second.workbook.diary().save(New::of(entry))?;
        teller.tell("diary", &[("name", &self.second.name)]);

        let notes = ["老人说常接到客服电话，已帮忙拦截陌生来电", "女儿每周回来，家里装了来电提醒"];
        for (phone, note) in [(&self.first, notes[0]), (&self.second, notes[1])] {
            let mut same: Record<Visit> = phone.workbook.get(visit.id)?;
            same.content.note = note.into();
            phone.workbook.edit(&same)?;
            teller.tell("edited", &[("name", &phone.name), ("note", note)]);
        }
        if let Some((list, item, title)) = self.open_item()? {
            for phone in [&self.first, &self.second] {
                phone.workbook.checklists().tick(list.id, &item)?;
                teller.tell(
                    "ticked",
                    &[("name", &phone.name), ("list", &list.content.title), ("item", &title)],
                );
            }
        }
        for phone in [&self.first, &self.second] {
            phone.sync_nowhere().await?;
            let unsent = phone.workbook.status()?.unsent.to_string();
            teller.tell("no_network", &[("name", &phone.name), ("unsent", &unsent)]);
        }
        Ok(())
    }

    /// The network is back: everything merges, and a person decides where two values stand.
    async fn together_again(&self, visit: &Record<Visit>, teller: &mut Teller<'_>) -> Result<()> {
        teller.blank();
        for phone in [&self.first, &self.second, &self.first, &self.lead] {
            let report = phone.sync().await?;
            teller.rest(2).await;
            teller.tell(
                "synced",
                &[
                    ("name", &phone.name),
                    ("sent", &report.sent.to_string()),
                    ("received", &report.received.to_string()),
                    ("trips", &report.round_trips.to_string()),
                ],
            );
        }
        for conflict in self.second.workbook.conflicts_in(visit.id)? {
            let values: Vec<_> =
                conflict.candidates.iter().filter_map(|(candidate, _)| candidate.value.as_text()).collect();
            teller.tell(
                "conflict",
                &[
                    ("name", &self.second.name),
                    ("field", &teller.word(&format!("field.{}", conflict.field))),
                    ("values", &values.join(" / ")),
                ],
            );
            let both = "老人说常接到客服电话，已拦截陌生来电；女儿每周回来，装了来电提醒";
            self.second.workbook.choose(visit.id, &conflict.field, Scalar::Text(both.into()))?;
            teller.tell("chosen", &[("name", &self.second.name), ("note", both)]);
        }
        for phone in [&self.second, &self.first, &self.lead] {
            phone.sync().await?;
        }
        let mut versions = Vec::new();
        for phone in [&self.first, &self.second, &self.lead] {
            versions.push(phone.workbook.record(visit.id)?.version.fingerprint());
        }
        versions.dedup();
        if versions.len() != 1 {
            return Err(Error::admin("the phones did not converge"));
        }
        teller.tell("converged", &[("version", &versions[0])]);
        Ok(())
    }

    /// The lead's note travels back.
    async fn review(&self, visit: &Record<Visit>, teller: &mut Teller<'_>) -> Result<()> {
        teller.blank();
        let note = "写得很清楚，请下周回访一次";
        self.lead.workbook.reviews().mark(visit.id, Mark::Seen, note)?;
        self.lead.sync().await?;
        self.first.sync().await?;
        teller.tell("reviewed", &[("name", &self.lead.name), ("note", note)]);
        let standing = self.standing(&self.first, visit.id, teller)?;
        teller.tell("seen_by_author", &[("name", &self.first.name), ("standing", &standing)]);
        Ok(())
    }

    /// Households that are due today on the first worker's phone, in walking order.
    fn due(&self, most: usize) -> Result<Vec<DueHousehold>> {
        let workbook = &self.first.workbook;
        Ok(workbook.households().due(workbook.today(), None, most)?.0)
    }

    /// An item of a checklist that both workers see and neither has ticked.
    fn open_item(&self) -> Result<Option<(Record<Checklist>, String, String)>> {
        self.first.workbook.checklists().begin_period(self.first.workbook.today())?;
        self.second.workbook.checklists().begin_period(self.second.workbook.today())?;
        for list in self.first.workbook.list::<Checklist>(&Filter::default(), None, 20)?.items {
            if self.second.workbook.record(list.id).is_err() {
                continue;
            }
            let progress = list.content.progress();
            let open = progress
                .iter()
                .find(|item| !item.done)
                .map(|item| (item.id.to_owned(), item.item.title.clone()));
            if let Some((id, title)) = open {
                return Ok(Some((list, id, title)));
            }
        }
        Ok(None)
    }

    fn standing(&self, phone: &Phone, id: RecordId, teller: &Teller<'_>) -> Result<String> {
        let standing = match phone.workbook.record(id)?.standing {
            Standing::OnPhone => "on_phone",
            Standing::OnServer => "on_server",
            Standing::Reviewed(_) => "reviewed",
            Standing::Refused => "refused",
        };
        Ok(teller.word(&format!("standing.{standing}")))
    }
}

fn met(household: &Record<Household>) -> Visit {
    Visit { household: household.id, outcome: Some(Outcome::Met), ..Visit::default() }
}

fn dwelling(household: &Record<Household>) -> String {
    household.content.dwelling.as_ref().map(ToString::to_string).unwrap_or_default()
}

/// The word of a coded value.
fn coded(name: &str, value: &impl serde::Serialize, teller: &Teller<'_>) -> String {
    let code = serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned));
    let code = code.unwrap_or_default();
    let entry = dictionary::named(name).entry(&code);
    entry.map_or(code.clone(), |entry| match teller.locale() {
        gridbook_core::model::words::Locale::Chinese => entry.zh.clone(),
        gridbook_core::model::words::Locale::English => entry.en.clone(),
    })
}
