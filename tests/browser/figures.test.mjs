// Numbers that a leader reads: each leads to as many records as it says, and outreach counts people as often as they
// were reached, households once.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Community, GRID } from "./community.mjs";
import { Lead, openBrowser } from "./lead.mjs";

let community, browser, phone, lead;
before(async () => {
  [community, browser] = await Promise.all([Community.found(), openBrowser()]);
  phone = await community.worker("网格员甲");
  lead = await Lead.in(browser, community, await community.lead("组长甲"));
  for (const dwelling of ["3-1-501", "3-1-502", "4-1-101", "4-1-102"]) await phone.household(dwelling);
});
after(async () => {
  await browser?.close();
  await community?.close();
});

/** The number of this period in a line of a table. */
const number = (section, name) => lead.page.getByRole("region", { name: section }).last()
  .getByRole("row").filter({ has: lead.page.getByRole("rowheader", { name, exact: true }) }).locator("td").first();

test("every number of 统计 leads to as many records", async () => {
  const { page } = lead;
  const visit = (dwelling, outcome, ...more) => phone.run("visit", "add", dwelling, "--outcome", outcome, ...more);
  await visit("3-1-501", "met", "--hazard", "飞线充电");
  await visit("3-1-502", "phone", "--hazard", "飞线充电", "--hazard", "疏散通道堵塞");
  await visit("4-1-101", "not_met");
  await visit("3-1-501", "met");
  await phone.run("diary", "add", "楼道灯坏了", "--category", "safety");
  await phone.run("outreach", "add", "--form", "door", "--fraud", "刷单返利", "--reached", "3", "--household", "3-1-501");
  await phone.sync();

  const expected = [
    ["工作情况", "走访户次", 4], ["工作情况", "其中见面或电话联系", 3], ["工作情况", "宣传场次", 1],
    ["民情与隐患", "飞线充电", 2], ["民情与隐患", "疏散通道堵塞", 1],
  ];
  for (const [section, name, count] of expected) {
    await page.goto("/console/figures");
    assert.equal(await number(section, name).innerText(), String(count), name);
    await number(section, name).getByRole("link").click();
    await page.waitForURL("**/console/records?*");
    assert.equal(await page.locator("article").count(), count, `${name} leads to its records`);
  }
  await page.goto("/console/figures");
  assert.equal(await number("工作情况", "走访到的户").innerText(), "3", "a household twice is one");
  assert.deepEqual(lead.complaints, []);
});

test("反诈 counts people as often as they were reached and households once, as soon as a phone has told", async () => {
  const { page } = lead;
  const figures = async () => {
    await page.goto("/console/fraud");
    const each = page.locator("ul.figures li");
    return Object.fromEntries(await each.evaluateAll((all) => all.map((one) => [
      one.querySelector(".name").textContent, one.querySelector(".count").textContent,
    ])));
  };
  const before = await figures();
  assert.deepEqual(before, { 宣传场次: "1", 宣传人次: "3", 宣传到的户: "1", 宣传覆盖率: "25%" });

  const outreach = (...more) => phone.run("outreach", "add", "--form", "door", "--fraud", "刷单返利", ...more);
  await outreach("--reached", "5", "--household", "3-1-501,3-1-502");
  await outreach("--reached", "2", "--household", "3-1-501", "--fraud", "虚假贷款");
  await phone.run("outreach", "add", "--form", "talk", "--place", "社区活动室", "--reached", "30", "--fraud", "虚假贷款");
  assert.deepEqual(await figures(), before, "what is on the phone alone is nobody's number yet");
  await phone.sync();
  assert.deepEqual(await figures(), { 宣传场次: "4", 宣传人次: "40", 宣传到的户: "2", 宣传覆盖率: "50%" });

  const type = (name) => page.getByRole("region", { name: "诈骗类型" }).first()
    .getByRole("row").filter({ has: page.getByRole("rowheader", { name, exact: true }) }).first().locator("td").allInnerTexts();
  assert.deepEqual(await type("刷单返利"), ["3", "10", "2"]);
  assert.deepEqual(await type("虚假贷款"), ["2", "32", "1"]);
  await page.getByRole("link", { name: "宣传场次" }).click();
  await page.waitForURL("**/console/records?*");
  assert.equal(await page.locator("article").count(), 4);
  assert.ok((await page.locator("main").innerText()).includes(GRID));
  assert.deepEqual(lead.complaints, []);
});
