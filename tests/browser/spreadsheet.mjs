// Opens a workbook that was taken away, as a spreadsheet does: the parts of its archive, its cells with their types.
// The browser at hand reads the XML.
import { strFromU8, unzipSync } from "fflate";

/** The first sheet as lines of cells: text as strings, numbers as numbers, days and moments as `Date`. */
export async function readWorkbook(page, bytes) {
  const parts = unzipSync(bytes);
  const part = (name) => (parts[name] ? strFromU8(parts[name]) : "<none/>");
  const lines = await page.evaluate(cellsOf, [
    part("xl/worksheets/sheet1.xml"), part("xl/sharedStrings.xml"), part("xl/styles.xml"),
  ]);
  return lines.map((line) => line.map(({ day, value }) => (day ? dateOf(value) : value)));
}

/** A spreadsheet counts days from the last of 1899. */
const dateOf = (serial) => new Date(Date.UTC(1899, 11, 30) + Math.round(serial * 86_400) * 1_000);

function cellsOf(texts) {
  const [sheet, shared, styles] = texts.map((text) => new DOMParser().parseFromString(text, "text/xml"));
  const strings = [...shared.querySelectorAll("si")].map((item) => item.textContent);
  const dated = new Set([...styles.querySelectorAll("numFmt")]
    .filter((format) => /y/.test(format.getAttribute("formatCode")))
    .map((format) => format.getAttribute("numFmtId")));
  const days = [...styles.querySelectorAll("cellXfs xf")].map((style) => dated.has(style.getAttribute("numFmtId")));
  const columnOf = (place) => [...place.replace(/\d/g, "")].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0);
  return [...sheet.querySelectorAll("row")].map((row) => {
    const line = [];
    for (const cell of row.querySelectorAll("c")) {
      const value = cell.querySelector("v")?.textContent ?? cell.textContent;
      const place = columnOf(cell.getAttribute("r")) - 1;
      while (line.length < place) line.push({ value: "" });
      if (value === "") line[place] = { value };
      else if (cell.getAttribute("t") === "s") line[place] = { value: strings[Number(value)] };
      else if (cell.getAttribute("t")) line[place] = { value };
      else line[place] = { value: Number(value), day: days[Number(cell.getAttribute("s") ?? 0)] };
    }
    return line;
  });
}
