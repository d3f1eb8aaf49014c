//! Rosters as administrators send them: real CSV and XLSX bytes, good lines and bad ones.

#![allow(clippy::unwrap_used, reason = "a test stops where it breaks")]

use std::io::{Cursor, Write};

use gridbook_core::Error;
use gridbook_core::model::{Dwelling, Household, Occupancy, Rule, Tags};
use gridbook_core::roster::{self, Problem, Roster};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

fn read(bytes: impl AsRef<[u8]>) -> Roster {
    roster::read("户表.csv", bytes.as_ref()).unwrap()
}

/// What the error says when the file as a whole cannot be read.
fn refusal(name: &str, bytes: impl AsRef<[u8]>) -> Rule {
    match roster::read(name, bytes.as_ref()) {
        Err(Error::Roster(rule)) => rule,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

fn problems(roster: &Roster) -> Vec<(usize, &str)> {
    roster.problems.iter().map(|problem| (problem.line, problem.column.as_str())).collect()
}

fn dwellings(roster: &Roster) -> Vec<(usize, String)> {
    let of = |household: &Household| household.dwelling.as_ref().unwrap().to_string();
    roster.households.iter().map(|(line, household)| (*line, of(household))).collect()
}

fn xlsx(fill: impl FnOnce(&mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    fill(workbook.add_worksheet());
    workbook.save_to_buffer().unwrap()
}

const FULL: &str = "楼栋,单元,房号,楼层,户分类,房屋状态,联系人,电话,标签,备注\n\
    3,1,501,,红,自住,网格甲,000-0000-0001,独居老人、低收入,\"敲门要久一点,\n\"\"耳背\"\"\"\n\
    3,1,502,,yellow,rented,,,,\n\
    3,2,A02,5,,,,,,\n";

#[test]
fn reads_every_column_in_chinese() {
    let roster = read(FULL);
    assert_eq!(roster.problems, []);
    assert!(roster.ignored.is_empty());
    let first = Household {
        dwelling: Some(Dwelling::new("3", "1", "501")),
        class: "red".into(),
        needs_visit: false,
        occupancy: Some(Occupancy::OwnerOccupied),
        contact: "网格甲".into(),
        phone: "000-0000-0001".into(),
        tags: ["elder_alone", "low_income"].into_iter().collect(),
        note: "敲门要久一点,\n\"耳背\"".into(),
    };
    assert_eq!(roster.households[0], (2, first));
    // The first household's note has a line break, which a spreadsheet shows within line 2.
    assert_eq!(dwellings(&roster)[1..], [(3, "3-1-502".to_owned()), (4, "3-2-A02/5".to_owned())]);
    assert_eq!(roster.households[1].1.class, "yellow");
    assert_eq!(roster.households[1].1.occupancy, Some(Occupancy::Rented));
    assert_eq!(roster.households[2].1.tags, Tags::default());
}

#[test]
fn reads_english_headers_in_any_order_and_lists_what_it_passes_over() {
    let roster = read("phone,Dwelling *,ID card,CLASS\n000-1,3-1-501,x,Red\n,12-2-1203,y,green\n");
    assert_eq!(roster.problems, []);
    assert_eq!(roster.ignored, ["ID card"]);
    assert_eq!(dwellings(&roster), [(2, "3-1-501".to_owned()), (3, "12-2-1203".to_owned())]);
    assert_eq!(roster.households[0].1.phone, "000-1");
    assert_eq!(roster.households[0].1.class, "red");
    assert_eq!(roster.households[1].1.class, "green");
}

#[test]
fn one_dwelling_has_one_spelling() {
    let roster = read(
        "住址,楼层\n3栋1单元501室,\n３－１－５０２,5\n4号楼 2单元 0301,\n东楼-1-101,\n5-1-A02,2楼\n6-1-B01/3,\n",
    );
    let expected = ["3-1-501", "3-1-502", "4-2-0301", "东楼-1-101", "5-1-A02/2", "6-1-B01/3"];
    assert_eq!(roster.problems, []);
    assert_eq!(dwellings(&roster).into_iter().map(|(_, dwelling)| dwelling).collect::<Vec<_>>(), expected);

    let twice = read("楼栋,单元,房号,楼层\n3,1,501,\n3栋,１单元,0501室,\n3,1,502,\n3,1,502,6\n");
    assert_eq!(dwellings(&twice), [(2, "3-1-501".to_owned()), (4, "3-1-502".to_owned())]);
    assert_eq!(problems(&twice), [(3, "房号"), (5, "房号")]);
    assert_eq!(twice.problems[0].rule, Rule::DwellingTwice);
}

#[test]
fn a_bad_line_names_every_bad_cell_and_never_its_content() {
    let roster = read(
        "楼栋,单元,房号,楼层,户分类,房屋状态,标签,电话\n\
         3,1,501,高,紫,闲着,独居老人/秘密词,139保密\n\
         3,,502,,,,,\n\
         \n\
         3-1,1,503,,,,,\n\
         3,1,504,,,,独居老人/低收入,\n",
    );
    let expected = [(2, "楼层"), (2, "户分类"), (2, "房屋状态"), (2, "标签"), (3, "单元"), (5, "楼栋")];
    assert_eq!(problems(&roster), expected);
    assert_eq!(dwellings(&roster), [(6, "3-1-504".to_owned())]);
    assert_eq!(roster.households[0].1.tags.iter().count(), 2);
    let said = format!("{:?}", roster.problems);
    for content in ["高", "紫", "闲着", "秘密词", "保密"] {
        assert!(!said.contains(content), "{content} in {said}");
    }
}

#[test]
fn reads_the_encodings_of_chinese_offices() {
    let plain = read(FULL);
    assert_eq!(read(format!("\u{feff}{FULL}")), plain);
    let (gbk, _, lost) = encoding_rs::GBK.encode(FULL);
    assert!(!lost && std::str::from_utf8(&gbk).is_err());
    assert_eq!(read(gbk), plain);
    // 𠮷 has four bytes in GB18030 and is not in GBK.
    let rare = FULL.replace("网格甲", "网格𠮷");
    let (gb18030, _, lost) = encoding_rs::GB18030.encode(&rare);
    assert!(!lost);
    assert_eq!(read(gb18030).households[0].1.contact, "网格𠮷");
    // "Unicode text" of Excel: UTF-16 with tabs.
    let tabbed = "\u{feff}楼栋\t单元\t房号\r\n3\t1\t501\r\n";
    let utf16: Vec<u8> = tabbed.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(dwellings(&read(utf16)), [(2, "3-1-501".to_owned())]);
    assert_eq!(refusal("户表.csv", [0xFF, 0x80, 0x01, 0xFF]), Rule::Encoding);
    assert_eq!(refusal("户表.csv", "楼栋,单元\0,房号\n"), Rule::Encoding);
}

#[test]
fn lines_are_counted_as_the_spreadsheet_shows_them() {
    for line_end in ["\n", "\r\n", "\r"] {
        let text = "\n楼栋;单元;房号;备注\n\n3;1;坏/的;\n;;;\n3;1;501;\"一\n二\n三\"\n\n3;1;502;\n3;1;502;"
            .replace('\n', line_end);
        let roster = read(&text);
        assert_eq!(dwellings(&roster), [(6, "3-1-501".to_owned()), (8, "3-1-502".to_owned())]);
        assert_eq!(problems(&roster), [(4, "房号"), (9, "房号")]);
        assert_eq!(roster.households[0].1.note, "一\n二\n三");
    }
}

#[test]
fn an_open_quotation_mark_does_not_swallow_households() {
    let text = "楼栋,单元,房号,备注\n3,1,501,好\n3,1,502,\"没关\n3,1,503,\n3,1,504,\n";
    assert_eq!(refusal("户表.csv", text), Rule::OpenQuotation { line: 3 });
    let closed = read("楼栋,单元,房号,备注\n3,1,501,\"关了\n\"");
    assert_eq!(dwellings(&closed), [(2, "3-1-501".to_owned())]);
}

#[test]
fn a_header_without_a_dwelling_is_refused_by_name() {
    assert_eq!(refusal("户表.csv", "楼栋,房号,联系人\n3,501,网格甲\n"), Rule::UnitColumnMissing);
    assert_eq!(refusal("户表.csv", "单元,房号\n"), Rule::BuildingColumnMissing);
    assert_eq!(refusal("户表.csv", "楼栋,单元\n"), Rule::RoomColumnMissing);
    let twice = refusal("户表.csv", "楼栋,单元,房号,电话,联系电话\n");
    assert_eq!(twice, Rule::ColumnTwice { first: 4, second: 5 });
    assert_eq!(refusal("户表.csv", ""), Rule::FileEmpty);
    assert_eq!(refusal("户表.csv", "\n\n ,,\n"), Rule::FileEmpty);
    assert_eq!(read("楼栋,单元,房号").households, []);
}

#[test]
fn limits_are_refused_with_what_to_do() {
    assert!(refusal("户表.csv", vec![b'a'; roster::FILE_LIMIT + 1]) == Rule::FileTooLarge { mebibytes: 8 });
    let mut text = String::from("dwelling\n");
    for room in 0..roster::LINE_LIMIT {
        text.push_str(&format!("1-1-{}\n", 10_000 + room));
    }
    assert_eq!(refusal("户表.csv", &text), Rule::TooManyLines { most: 20_000 });
    let last = text.trim_end().rfind('\n').unwrap();
    assert_eq!(read(&text[..last]).households.len(), roster::LINE_LIMIT - 1);
    assert_eq!(refusal("户表.csv", ",".repeat(roster::COLUMN_LIMIT + 1)), Rule::TooManyColumns { most: 200 });

    let long = format!("dwelling,note\n1-1-101,{}\n1-1-102,{}\n", "长".repeat(8_001), "长".repeat(8_000));
    let roster = read(long);
    assert_eq!(
        roster.problems,
        [Problem { line: 2, column: "note".into(), rule: Rule::TooLong { most: 8_000 } }]
    );
    assert_eq!(dwellings(&roster), [(3, "1-1-102".to_owned())]);
}

#[test]
fn reads_a_workbook_with_numbers_as_rooms() {
    let bytes = xlsx(|sheet| {
        for (column, name) in ["楼栋", "单元", "房号", "电话", "备注", "身份证号"].into_iter().enumerate()
        {
            sheet.write(0, column as u16, name).unwrap();
        }
        sheet.write(1, 0, 3).unwrap();
        sheet.write(1, 1, 1).unwrap();
        sheet.write(1, 2, 501.0).unwrap();
        sheet.write(1, 3, 10_000_000_001_f64).unwrap();
        sheet.write(1, 4, "两行\n备注").unwrap();
        // Line 3 is left blank.
        sheet.write(3, 0, "3栋").unwrap();
        sheet.write(3, 1, "1单元").unwrap();
        sheet.write(3, 2, "501室").unwrap();
        sheet.write(4, 0, 12).unwrap();
        sheet.write(4, 1, 2).unwrap();
        sheet.write(4, 2, "1203").unwrap();
    });
    let roster = roster::read("户表.xlsx", &bytes).unwrap();
    assert_eq!(dwellings(&roster), [(2, "3-1-501".to_owned()), (5, "12-2-1203".to_owned())]);
    assert_eq!(problems(&roster), [(4, "房号")]);
    assert_eq!(roster.households[0].1.phone, "10000000001");
    assert_eq!(roster.households[0].1.note, "两行\n备注");
    assert_eq!(roster.ignored, ["身份证号"]);
    // The bytes decide, not the name.
    assert_eq!(roster::read("户表.csv", &bytes).unwrap(), roster);
}

#[test]
fn a_dwelling_that_excel_made_a_date_of_is_a_problem() {
    let bytes = xlsx(|sheet| {
        sheet.write(0, 0, "住址").unwrap();
        let date = Format::new().set_num_format("yyyy-mm-dd");
        sheet.write_with_format(1, 0, ExcelDateTime::from_ymd(2003, 1, 12).unwrap(), &date).unwrap();
        sheet.write(2, 0, "3-1-12").unwrap();
    });
    let roster = roster::read("户表.xlsx", &bytes).unwrap();
    assert_eq!(problems(&roster), [(2, "住址")]);
    assert_eq!(roster.problems[0].rule, Rule::ExcelDate);
    assert_eq!(dwellings(&roster), [(3, "3-1-12".to_owned())]);
}

#[test]
fn what_is_no_workbook_is_refused_without_a_panic() {
    assert_eq!(refusal("户表.xlsx", "楼栋,单元,房号\n"), Rule::NotExcel);
    assert_eq!(refusal("户表.xls", [0xD0, 0xCF, 0x11, 0xE0, 0xA1]), Rule::OldExcel);
    assert_eq!(refusal("户表.xlsx", b"PK\x03\x04 and nothing more"), Rule::WorkbookDamaged);

    let bytes = xlsx(|sheet| {
        sheet.write(0, 0, "住址").unwrap();
        sheet.write(1, 0, "3-1-501").unwrap();
    });
    for cut in (0..bytes.len()).step_by(97) {
        roster::read("户表.xlsx", &bytes[..cut]).unwrap_err();
    }
    let mut state = 7_u32;
    for _ in 0..300 {
        let mut broken = bytes.clone();
        for _ in 0..4 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let place = (state >> 8) as usize % broken.len();
            broken[place] = (state & 0xFF) as u8;
        }
        // Either it reads or it is refused; it must not panic.
        let _ = roster::read("户表.xlsx", &broken);
    }
}

#[test]
fn a_workbook_that_would_fill_the_memory_is_refused() {
    let pack = |parts: &[(&str, &[u8])]| {
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default();
        for (name, content) in parts {
            archive.start_file(*name, options).unwrap();
            archive.write_all(content).unwrap();
        }
        archive.finish().unwrap().into_inner()
    };
    let zeros = vec![0; 40 * 1024 * 1024];
    let bomb = pack(&[("xl/a.xml", &zeros), ("xl/b.xml", &zeros)]);
    assert!(bomb.len() < 200_000);
    assert_eq!(refusal("户表.xlsx", bomb), Rule::WorkbookTooLarge);
    let greedy = pack(&[("xl/sharedStrings.xml", b"<sst uniqueCount='999999999999'><si/></sst>")]);
    assert_eq!(refusal("户表.xlsx", greedy), Rule::WorkbookDamaged);
}

#[test]
fn three_thousand_lines_are_read_at_once() {
    let rows: Vec<_> =
        (0..3_000).map(|n| (1 + n / 300, 1 + n / 100 % 3, 100 * (1 + n % 25) + 1 + n / 25 % 4)).collect();
    let mut text = String::from("楼栋,单元,房号,户分类,标签\n");
    for (building, unit, room) in &rows {
        text.push_str(&format!("{building},{unit},{room},绿,独居老人、低收入\n"));
    }
    let bytes = xlsx(|sheet| {
        for (column, name) in ["楼栋", "单元", "房号", "户分类", "标签"].into_iter().enumerate() {
            sheet.write(0, column as u16, name).unwrap();
        }
        for (row, (building, unit, room)) in (1..).zip(&rows) {
            sheet.write(row, 0, *building).unwrap();
            sheet.write(row, 1, *unit).unwrap();
            sheet.write(row, 2, *room).unwrap();
            sheet.write(row, 3, "绿").unwrap();
            sheet.write(row, 4, "独居老人、低收入").unwrap();
        }
    });
    let started = std::time::Instant::now();
    let from_csv = read(&text);
    let from_xlsx = roster::read("户表.xlsx", &bytes).unwrap();
    assert!(started.elapsed().as_secs_f64() < 2.0, "took {:?}", started.elapsed());
    assert_eq!(from_csv.households.len(), 3_000);
    assert_eq!(from_csv, from_xlsx);
}

#[test]
fn the_template_reads_back_without_a_household() {
    let template = roster::template_csv();
    assert!(template.starts_with('\u{feff}') && template.ends_with("\r\n"));
    let roster = read(format!("{template}3,1,501,,红,自住,网格甲,000-0000-0001,新入住,备注\r\n"));
    assert!(roster.ignored.is_empty() && roster.problems.is_empty());
    assert_eq!(roster.households.len(), 1);
}
