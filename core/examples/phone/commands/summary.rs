//! `summary`: how much was done, by day, kind and building; never by person against person.

use clap::Args;
use gridbook_core::model::Kind;

use crate::failure::Failure;
use crate::phone::Phone;
use crate::print::{Output, Table};

#[derive(Args)]
pub(crate) struct SummaryOf {
    /// First day; the first of this month if not given
    #[arg(long)]
    from: Option<String>,
    /// Last day; today if not given
    #[arg(long)]
    to: Option<String>,
}

impl SummaryOf {
    pub(crate) fn run(self, phone: &Phone) -> Result<Output, Failure> {
        let speech = phone.speech;
        let to = self.to.map_or_else(|| Ok(phone.workbook.today()), |text| phone.day(&text))?;
        let from = self.from.map_or_else(|| Ok(to.month_start()), |text| phone.day(&text))?;
        let summary = phone.workbook.summary(from, to)?;
        let mut days = Table::of(speech, &["day", "visits", "outreach", "entries"]);
        let mut counts = summary.counts.as_slice();
        while let Some(first) = counts.first() {
            let of_day = counts.iter().take_while(|count| count.day == first.day).count();
            let (today, rest) = counts.split_at(of_day);
            let number =
                |kind| today.iter().find(|count| count.kind == kind).map_or(0, |count| count.records);
            let numbers = [Kind::Visit, Kind::Outreach, Kind::Diary].map(|kind| number(kind).to_string());
            days.row([first.day.to_string()].into_iter().chain(numbers));
            counts = rest;
        }
        let mut buildings = Table::of(speech, &["building", "households", "visits", "visited", "reached"]);
        for building in &summary.buildings {
            let numbers = [building.households, building.visits, building.visited, building.reached];
            let numbers = numbers.map(|number| number.to_string());
            buildings.row([building.building.clone()].into_iter().chain(numbers));
        }
        (1..5).for_each(|column| {
            days.numbers_in(column);
            buildings.numbers_in(column);
        });
        let title = speech.fill("phone.period", &[("from", &from.to_string()), ("to", &to.to_string())]);
        let days = days.or_else(speech, "phone.nothing_done");
        let buildings = buildings.or_else(speech, "phone.no_households");
        Ok(Output::new(&summary, format!("{title}\n\n{days}\n\n{buildings}")))
    }
}
