//! A workbook of 100,000 records: open with a first page, a day's list, search, the search index's size.

use std::path::Path;

use gridbook_core::model::{Record, Visit};
use gridbook_core::workbook::{Filter, Workbook};

use crate::figures::{Row, median, timed};
use crate::floor::{FloorPhone, FloorVisit};
use crate::{Outcome, Plan, phone};

/// How many rows a screen's first page has.
const PAGE: usize = 60;

/// Builds the fixtures and measures all rows that read them.
pub(crate) async fn rows(plan: &Plan) -> Outcome<Vec<Row>> {
    let folder = plan.folder()?;
    let small = folder.path().join("small.db");
    let large = folder.path().join("large.db");
    let (mut replay, mut workload) = phone::grid_with_households(13)?;
    let mut floor = FloorPhone::open(&folder.path().join("floor.db"))?;
    grow(plan.large / 10, &mut replay, &mut workload, &mut floor)?;
    drop(phone::filled(&small, &replay).await?);
    grow(plan.large - plan.large / 10, &mut replay, &mut workload, &mut floor)?;
    drop(phone::filled(&large, &replay).await?);

    let day = workload.day().plus_days(-30);
    let workbook = phone::open(&large)?;
    let list = list(plan, &workbook, &floor, day)?;
    let search = [search(plan, &workbook)?, searches(plan, &workbook)?];
    let index = index(&workbook)?;
    drop(workbook);
    let [word, any] = search;
    Ok(vec![open(plan, &small, &large)?, list, word, any, index])
}

fn grow(
    count: usize,
    replay: &mut crate::replay::Replay,
    workload: &mut crate::work::Workload,
    floor: &mut FloorPhone,
) -> Outcome<()> {
    let visits = workload.take(count);
    replay.append(&visits)?;
    floor.take_in(&visits.iter().map(|work| work.floor()).collect::<Vec<FloorVisit>>())
}

fn open(plan: &Plan, small: &Path, large: &Path) -> Outcome<Row> {
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..plan.opens {
        for (path, times) in [small, large].into_iter().zip(&mut times) {
            let (time, rows) = timed(|| {
                let workbook = phone::open(path)?;
                Ok(workbook.list::<Visit>(&Filter::default(), None, PAGE)?.items.len())
            })?;
            if rows != PAGE {
                return Err("the first page is not full".into());
            }
            times.push(time);
        }
    }
    let [few, many] = times.map(|mut times| median(&mut times));
    Ok(Row {
        measure: "open + first page (60 rows) of a database of 100,000 records",
        must: "≤ 50 ms, flat",
        measured: format!("{many:.1} ms, {:.2}× of 10,000", many / few),
        remark: format!("{few:.1} ms at a tenth of the records; median of {}", plan.opens),
        pass: many <= 50.0 && many <= 1.5 * few,
    })
}

fn list(
    plan: &Plan,
    workbook: &Workbook,
    floor: &FloorPhone,
    day: gridbook_core::clock::Day,
) -> Outcome<Row> {
    let filter = Filter { from: Some(day), to: Some(day), ..Filter::default() };
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for number in 0..plan.reads {
        let (time, page) = timed(|| Ok(workbook.list::<Visit>(&filter, None, PAGE)?.items))?;
        let (floor_time, floor_page) = timed(|| floor.list(day, PAGE))?;
        let same = |(ours, theirs): (&Record<Visit>, &FloorVisit)| ours.id == theirs.id;
        if page.len() != PAGE || !page.iter().zip(&floor_page).all(same) {
            return Err("the two lists differ".into());
        }
        if number >= plan.reads / 10 {
            ours.push(time);
            theirs.push(floor_time);
        }
    }
    let (ours, theirs) = (median(&mut ours), median(&mut theirs));
    Ok(Row {
        measure: "a day's list (60 rows) among 100,000, against the floor",
        must: "≤ 2×",
        measured: format!("{:.2}×", ours / theirs),
        remark: format!(
            "{:.0} µs against {:.0} µs; median of {}",
            ours * 1e3,
            theirs * 1e3,
            plan.reads * 9 / 10
        ),
        pass: ours <= 2.0 * theirs,
    })
}

fn search(plan: &Plan, workbook: &Workbook) -> Outcome<Row> {
    let mut times = Vec::new();
    for _ in 0..plan.reads {
        let (time, found) = timed(|| Ok(workbook.search("反诈", None, 20)?.items))?;
        if found.len() != 20 {
            return Err("too few are found".into());
        }
        times.push(time);
    }
    let time = median(&mut times);
    Ok(Row {
        measure: "反诈 among 100,000, newest 20",
        must: "≤ 2 ms",
        measured: format!("{time:.2} ms"),
        remark: format!("median of {}", plan.reads),
        pass: time <= 2.0,
    })
}

/// What else people type: one character, a word that is nowhere, a long phrase whose candidates are looked at, two words
/// at once, a word in Latin letters.
const TYPED: [&str; 6] = ["反", "龘龘", "骗子冒充客服", "反诈 楼道", "gas", "放反诈要点"];

fn searches(plan: &Plan, workbook: &Workbook) -> Outcome<Row> {
    let mut slowest = (0.0, "");
    for text in TYPED {
        let mut times = Vec::new();
        for _ in 0..plan.reads.min(40) {
            times.push(timed(|| Ok(workbook.search(text, None, 20)?.items))?.0);
        }
        let time = median(&mut times);
        if time > slowest.0 {
            slowest = (time, text);
        }
    }
    let (time, text) = slowest;
    Ok(Row {
        measure: "the slowest of six other searches among 100,000: one character, absent words, phrases",
        must: "≤ 20 ms",
        measured: format!("{time:.2} ms"),
        remark: format!("“{text}”; medians of {}", plan.reads.min(40)),
        pass: time <= 20.0,
    })
}

fn index(workbook: &Workbook) -> Outcome<Row> {
    let mut text = 0;
    let mut after = None;
    loop {
        let page = workbook.list::<Visit>(&Filter::default(), after.as_ref(), 1_000)?;
        let lengths = page.items.iter().map(|visit| {
            gridbook_core::model::Content::from(visit.content.clone()).search_text().len() as u64
        });
        text += lengths.sum::<u64>();
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    let index = workbook.store().read(|reader| reader.search_index_bytes())?;
    let ratio = index as f64 / text as f64;
    Ok(Row {
        measure: "search index against the text it covers",
        must: "≤ 0.6×",
        measured: format!("{ratio:.2}×"),
        remark: format!("{:.1} MB of index, {:.1} MB of text", index as f64 / 1e6, text as f64 / 1e6),
        pass: ratio <= 0.6,
    })
}
