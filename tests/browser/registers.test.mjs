// 台账 as an office takes it: a button, a file with a Chinese name, and in its cells what a phone wrote at a door.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { GRID } from "./community.mjs";
import { Lead } from "./lead.mjs";
import { readWorkbook } from "./spreadsheet.mjs";
import { stage } from "./stage.mjs";

const here = stage();

/** What the button of a register gives: its name, and its bytes. */
async function take(label) {
  const { page } = here.lead;
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: label }).click()]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

/** The day of a moment in China. */
const dayOf = (moment) => new Date(moment + 8 * 3_600_000).toISOString().slice(0, 10);

/** A line of a register by the names of its columns. */
const named = ([names, ...lines], at = 0) => Object.fromEntries(names.map((name, column) => [name, lines[at][column]]));

/** Lines of a CSV file in which every cell stands in quotes. */
const cellsOf = (text) => [...text.matchAll(/((?:"(?:[^"]|"")*",?)+)\r\n/g)]
  .map(([, line]) => [...line.matchAll(/"((?:[^"]|"")*)"/g)].map(([, cell]) => cell.replaceAll('""', '"')));

test("registers say what the phone recorded: days as days, numbers masked, formulas as text", async () => {
  const { page } = here.lead;
  // Numbers of this form are nobody's.
  await here.phone.run("household", "add", "3-1-501", "--contact", "样例住户", "--phone", "00012345678", "--tag", "独居老人");
  const visit = await here.phone.run("visit", "add", "3-1-501", "--outcome", "met", "--purpose", "安全检查", "--hazard", "飞线充电",
    "--note", "=1+1 \"门口\"有飞线", "--requests", "请打 00012345678", "--next", "2099-12-31");
  await here.phone.sync();

  await page.goto("/console/ledgers");
  await page.getByLabel("范围").selectOption({ label: GRID });
  await page.getByRole("button", { name: "查看" }).click();
  const today = await page.getByLabel("到", { exact: true }).inputValue();
  const from = await page.getByLabel("从", { exact: true }).inputValue();
  assert.deepEqual([from, today], [`${today.slice(0, 7)}-01`, dayOf(visit.occurred_at)]);

  const file = await take("走访 XLSX");
  assert.equal(file.name, `走访台账_${GRID}_${from}_${today}.xlsx`);
  const sheet = await readWorkbook(page, file.bytes);
  assert.equal(sheet.length, 2, "names, and a line for the visit");
  assert.deepEqual(sheet[0].slice(0, 5), ["日期", "所在网格", "住址", "走访结果", "走访目的"]);
  const line = named(sheet);
  assert.deepEqual(line["日期"], new Date(`${today}T00:00:00Z`), "a day, not a text");
  assert.deepEqual(line["下次走访"], new Date("2099-12-31T00:00:00Z"));
  const said = ["住址", "走访结果", "走访目的", "安全隐患", "走访情况", "诉求", "记录人"].map((name) => line[name]);
  assert.deepEqual(said, ["3-1-501", "见面", "安全检查", "飞线充电", "=1+1 \"门口\"有飞线", "请打 000****5678", "网格员甲"]);

  const home = named(await readWorkbook(page, (await take("户 XLSX")).bytes));
  assert.deepEqual([home["联系人"], home["电话"], home["标签"], home["楼层"]], ["样例住户", "000****5678", "独居老人", 5]);
  assert.equal(home["期间走访次数"], 1);

  const plain = await take("走访 CSV");
  assert.equal(plain.name, `走访台账_${GRID}_${from}_${today}.csv`);
  const text = plain.bytes.toString("utf8");
  assert.equal(text.codePointAt(0), 0xfeff, "the mark by which a spreadsheet knows the text's code");
  const written = named(cellsOf(text.slice(1)));
  assert.deepEqual([written["日期"], written["住址"], written["诉求"]], [today, "3-1-501", said[5]]);
  assert.equal(written["走访情况"], "'=1+1 \"门口\"有飞线", "nothing is calculated");
  assert.ok(!text.includes("1234"), "no number is whole");
  assert.deepEqual(here.lead.complaints, []);
});

test("where a period has nothing, nothing is to be taken, and no grid is offered that is another's", async () => {
  const other = await Lead.in(here.browser, here.community, await here.community.lead("组长乙", "第二网格"));
  const { page } = other;
  await page.goto("/console/ledgers");
  assert.equal(await page.getByRole("button", { name: /XLSX|CSV/ }).count(), 0);
  assert.ok((await page.locator("main").innerText()).includes("这段时间没有"));
  assert.ok(!(await page.getByLabel("范围").innerText()).includes(GRID));
  assert.deepEqual(other.complaints, []);
  await other.close();
});
