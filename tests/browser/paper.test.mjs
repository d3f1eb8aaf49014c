// The diary's sheet through the browser's printer: A4, all of the day in a ruled table, lines to sign, nothing of the screen.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Community } from "./community.mjs";
import { Lead, openBrowser } from "./lead.mjs";

let community, browser;
before(async () => {
  [community, browser] = await Promise.all([Community.found(), openBrowser()]);
});
after(async () => {
  await browser?.close();
  await community?.close();
});

/** Width and height of each page of a PDF, in millimetres. Chromium writes the pages' heads uncompressed. */
function pagesOf(pdf) {
  const boxes = pdf.toString("latin1").matchAll(/\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/g);
  return [...boxes].map(([, ...points]) => points.map((point) => Math.round((Number(point) / 72) * 25.4)));
}

test("the sheet of a day prints on A4 with its entries and lines to sign", async () => {
  const phone = await community.worker("网格员甲");
  await phone.household("3-1-501");
  const lead = await Lead.in(browser, community, await community.lead("组长甲"));
  const { page } = lead;
  await page.goto("/console/diary/sheet");
  const blank = await page.pdf({ preferCSSPageSize: true });

  for (let n = 1; n <= 12; n += 1) await phone.visit("3-1-501", `第${n}次走访，提醒警惕刷单返利，查看燃气软管`);
  await phone.sync();
  await page.goto("/console/diary");
  await page.getByRole("link", { name: "打印本页" }).click();
  await page.waitForURL("**/console/diary/sheet?*");
  const pdf = await page.pdf({ preferCSSPageSize: true });
  const pages = pagesOf(pdf);
  assert.ok(pages.length >= 1 && pages.length <= 3, `${pages.length} pages`);
  for (const size of pages) assert.deepEqual(size, [210, 297], "A4");
  assert.ok(pdf.length > blank.length * 1.1, `${pdf.length} bytes, ${blank.length} of an empty day`);
  assert.match(pdf.toString("latin1"), /\/FontName \/\w+\+Noto\w+CJK/, "Chinese is set in a font that has it");

  await page.emulateMedia({ media: "print" });
  const seen = await page.locator("body").innerText();
  const head = ["民情日记", "社区：虚构社区", "网格：第一网格", "网格员：网格员甲", "日期：20"];
  for (const part of [...head, "走访 12 户次（见面 12）", "第12次走访", "网格员签名", "阅评人签名"]) {
    assert.ok(seen.includes(part), `${part}: ${seen}`);
  }
  // Ruled, and whose it is stands on every sheet: a table's head is drawn again where a page begins.
  const table = await page.locator("table.ruled").evaluate((table) => ({
    rows: table.tBodies[0].rows.length,
    head: getComputedStyle(table.tHead).display,
    ruled: [...table.tBodies[0].rows[0].cells].map((cell) => getComputedStyle(cell).borderBottomStyle),
    whole: getComputedStyle(table.tBodies[0].rows[0]).breakInside,
  }));
  assert.deepEqual(table, { rows: 12, head: "table-header-group", ruled: Array(5).fill("solid"), whole: "avoid" });
  assert.equal(await page.locator(".signature .rule").count(), 4, "a line for each name and each date");
  for (const part of ["退出", "日记本", "用浏览器的打印"]) assert.ok(!seen.includes(part), part);
  assert.deepEqual(lead.complaints, []);
  await lead.close();
});
