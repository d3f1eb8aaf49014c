"""Reads each register with a second real spreadsheet reader, openpyxl, and compares it cell by cell with its CSV.

The Rust tests read with calamine what this project writes itself; an office opens it with something else. What only one
reader forgives would show here: a date that is text, a number with an apostrophe, names that scroll away.

    registers.py URL TOKEN     a running server, and a token of somebody who exports; scripts/api.sh starts one
"""

import csv
import datetime
import io
import json
import sys
import urllib.request

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

# Columns that must not come as text, whatever they hold.
DATES = {"日期", "下次走访", "开始日期", "截止日期", "期限", "期间最近走访", "登记日期"}
MOMENTS = {"开始时间", "结束时间", "最近收到"}
NUMBERS = {"楼层", "期间走访次数", "宣传人次", "发放资料", "咨询数", "劝阻人数", "宣传到的户", "关联记录", "需要人数", "已勾选人数", "待选定"}
FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def main(url, token):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def get(path):
        request = urllib.request.Request(url + path, headers={"authorization": f"Bearer {token}"})
        with opener.open(request, timeout=60) as answer:
            return answer.read()

    period = "from=2020-01-01&to=2039-12-31"
    exports = json.loads(get(f"/v1/exports?{period}"))["exports"]
    registers = [one for one in exports if "xlsx" in one["formats"]]
    assert len(registers) == 5, registers
    seen = set()
    for register in registers:
        kind = register["kind"]
        assert register["records"], f"{kind}: nothing to compare"
        of = f"/v1/exports/{kind}?{period}&format="
        rows = list(csv.reader(io.StringIO(get(of + "csv").decode("utf-8-sig"), newline="")))
        assert len(rows) > register["records"] or kind == "checklist", f"{kind}: {len(rows)} lines"
        cells = compare(kind, load_workbook(io.BytesIO(get(of + "xlsx"))), rows)
        seen.update(rows[0])
        print(f"registers: {kind}: {len(rows) - 1} lines, {cells} cells alike")
    left = (DATES | MOMENTS | NUMBERS) - seen
    assert not left, f"no register has a column of these names any more: {left}"


def compare(kind, book, rows):
    """Holds a workbook to the lines of its CSV; how many cells were not empty."""
    sheet, about = book.worksheets
    names = [cell.value for cell in sheet[1]]
    assert names == rows[0], f"{kind}: {names} {rows[0]}"
    for name in names:
        assert any("\u4e00" <= character <= "\u9fff" for character in name), f"{kind}: {name} is not Chinese"
    assert len(set(names)) == len(names), f"{kind}: two columns of one name"
    assert sheet.freeze_panes == "A2", f"{kind}: the names scroll away"
    assert sheet.auto_filter.ref == f"A1:{get_column_letter(len(names))}{len(rows)}", f"{kind}: no filter over all"
    assert sheet.max_row == len(rows), f"{kind}: {sheet.max_row} rows, {len(rows)} lines"
    assert about.max_row >= 5, f"{kind}: the second sheet says what it is"
    cells = 0
    for number, row in enumerate(rows[1:], start=2):
        for name, cell, written in zip(names, sheet[number], row, strict=True):
            where = f"{kind} {name} line {number}"
            if cell.value is None:
                assert written == "", f"{where}: empty, {len(written)} characters in the CSV"
                continue
            cells += 1
            assert cell.data_type != "f", f"{where}: a formula"
            # What a cell says may be somebody's words: a failure names the place alone.
            assert as_text(cell, name, where) == plain(written), f"{where}: the two differ"
    return cells


def as_text(cell, name, where):
    value = cell.value
    if name in DATES:
        assert cell.is_date and cell.number_format == "yyyy-mm-dd", f"{where}: a date is no date"
        return value.date().isoformat()
    if name in MOMENTS:
        assert cell.is_date and cell.number_format == "yyyy-mm-dd hh:mm", f"{where}: a moment is no date"
        # Days are fractions in a workbook; half a second mends what that takes off.
        return (value + datetime.timedelta(milliseconds=500)).strftime("%Y-%m-%d %H:%M")
    if name in NUMBERS:
        assert cell.data_type == "n" and not cell.is_date, f"{where}: a number is no number"
        return str(value)
    assert cell.data_type == "s", f"{where}: {cell.data_type}, where text is expected"
    if value.lstrip(" ").startswith(FORMULA):
        assert cell.quotePrefix, f"{where}: would be a formula once touched"
    return value


def plain(written):
    """A cell of the CSV without the apostrophe that keeps it from being calculated."""
    rest = written[1:]
    return rest if written.startswith("'") and rest.lstrip(" ").startswith(FORMULA) else written


if __name__ == "__main__":
    main(*sys.argv[1:])
