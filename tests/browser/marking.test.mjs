// A lead's answers reach the worker's phone: returned by keyboard, two leads at once, a whole page and its undo, and the
// choice between two values.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Community } from "./community.mjs";
import { Lead, openBrowser } from "./lead.mjs";

let community, browser, phone, who;
before(async () => {
  [community, browser] = await Promise.all([Community.found(), openBrowser()]);
  phone = await community.worker("网格员甲");
  who = await community.lead("组长甲");
  await phone.household("3-1-501");
});
after(async () => {
  await browser?.close();
  await community?.close();
});

/** Where a record stands on the phone after its next sync, and what leads said of it. */
async function onPhone(record) {
  await phone.sync();
  const shown = await phone.show(record);
  return { standing: shown.standing, marks: shown.reviews.filter((review) => !review.voided) };
}

test("a lead returns a visit with a note by keyboard alone, and the phone has both after its sync", async () => {
  const first = await phone.visit("3-1-501", "门口有飞线");
  const second = await phone.visit("3-1-501", "消防通道堆放杂物");
  const third = await phone.visit("3-1-501", "一切正常");
  await phone.sync();
  const lead = await Lead.in(browser, community, who);
  const { page } = lead;
  await page.goto("/console/diary");
  const at = () => page.evaluate(() => document.activeElement.closest("article")?.id);

  await lead.press("j");
  assert.equal(await at(), `r${first.id}`);
  await lead.press("j", "j", "k");
  assert.equal(await at(), `r${second.id}`, "k goes back");
  await lead.press("r");
  await page.keyboard.type("请写清哪一层，");
  await lead.press("Enter");
  assert.equal(await lead.entry(second).locator(".marks").count(), 0, "Enter in a note marks nothing");
  await page.keyboard.type("并联系物业");
  await lead.press("Tab", "Tab", "Tab");
  assert.equal(await page.evaluate(() => document.activeElement.innerText), "退回");
  await lead.press("Enter");
  await lead.entry(second).locator(".badge.returned").waitFor();
  assert.equal(await at(), `r${second.id}`, "the answered one keeps the keyboard");
  await lead.press("j", "Enter");
  await lead.entry(third).locator(".badge.seen").waitFor();

  const returned = await onPhone(second);
  assert.deepEqual(returned.standing, { reviewed: "returned" });
  assert.equal(returned.marks[0].content.note, "请写清哪一层，并联系物业");
  assert.deepEqual((await onPhone(third)).standing, { reviewed: "seen" });
  assert.equal((await onPhone(first)).marks.length, 0);
  assert.deepEqual(lead.complaints, []);
  await lead.close();
});

test("two leads at once on one record: both marks stand, and an answer to what was just changed is not taken", async () => {
  const visit = await phone.visit("3-1-501", "燃气软管老化");
  await phone.sync();
  const one = await Lead.in(browser, community, who);
  const other = await Lead.in(browser, community, await community.lead("组长乙"));
  for (const lead of [one, other]) {
    await lead.page.goto("/console/diary");
    await lead.entry(visit).waitFor();
  }
  await Promise.all([
    one.entry(visit).getByRole("button", { name: "已阅" }).click(),
    other.entry(visit).getByRole("button", { name: "通过" }).click(),
  ]);
  // The entry in which a lead is does not change under their hands: the other's mark is there when they look again.
  for (const lead of [one, other]) {
    await lead.entry(visit).locator(".marks li").first().waitFor();
    await lead.page.reload();
    await lead.entry(visit).locator(".marks li", { hasText: "组长甲" }).waitFor();
    await lead.entry(visit).locator(".marks li", { hasText: "组长乙" }).waitFor();
  }
  const marked = await onPhone(visit);
  assert.deepEqual(marked.marks.map((mark) => mark.content.mark).sort(), ["approved", "seen"]);

  // The worker edits while a lead writes about the version before.
  await one.entry(visit).locator(".note").pressSequentially("换新的");
  await phone.rewrite(visit, "燃气软管已更换");
  await phone.sync();
  await other.entry(visit).locator(".badge.edited").waitFor();
  await one.entry(visit).getByRole("button", { name: "退回" }).click();
  await one.page.locator("#said", { hasText: "这条记录刚刚有了修改" }).waitFor();
  assert.equal((await onPhone(visit)).marks.length, 2);
  for (const lead of [one, other]) {
    assert.deepEqual(lead.complaints, []);
    await lead.close();
  }
});

test("a page is marked as read with one button and taken back with another", async () => {
  const visits = [];
  for (const note of ["一楼", "二楼", "三楼"]) visits.push(await phone.visit("3-1-501", note));
  await phone.sync();
  const lead = await Lead.in(browser, community, who);
  const { page } = lead;
  await page.goto("/console/diary");
  const waiting = await page.locator("article.waits").count();
  assert.ok(waiting >= visits.length);

  await page.getByRole("button", { name: `这一天 ${waiting} 条全部已阅` }).click();
  await page.getByRole("heading", { name: `已阅 ${waiting} 条` }).waitFor();
  for (const visit of visits) assert.deepEqual((await onPhone(visit)).standing, { reviewed: "seen" });

  await page.getByRole("button", { name: "撤销" }).click();
  await page.waitForURL("**/console/diary?*");
  assert.equal(await page.locator("article.waits").count(), waiting, "they wait again");
  for (const visit of visits) assert.deepEqual((await onPhone(visit)).marks, [], "and the phone knows no mark");
  assert.deepEqual(lead.complaints, []);
  await lead.close();
});

test("a single mark is taken back where it was given, by who gave it alone", async () => {
  const visit = await phone.visit("3-1-501", "点错了");
  await phone.sync();
  const lead = await Lead.in(browser, community, who);
  const { page } = lead;
  await page.goto("/console/diary");
  const entry = lead.entry(visit);
  await entry.getByRole("button", { name: "已阅" }).click();
  await entry.locator(".badge", { hasText: "已阅" }).first().waitFor();
  const other = await Lead.in(browser, community, await community.lead("组长旁观"));
  await other.page.goto(`/console/records/${visit.id}`);
  assert.equal(await other.page.getByRole("button", { name: "撤销" }).count(), 0, "a colleague's mark is not theirs");
  await other.close();
  await entry.getByRole("button", { name: "撤销" }).click();
  await page.waitForURL("**/console/diary*");
  await lead.entry(visit).locator(".badge", { hasText: "待阅" }).waitFor();
  assert.deepEqual((await onPhone(visit)).marks, [], "the phone knows no mark");
  assert.deepEqual(lead.complaints, []);
  await lead.close();
});

test("of two values a lead chooses one, and both phones show it", async () => {
  const other = await community.worker("网格员乙");
  const visit = await phone.visit("3-1-501", "没有写清");
  await phone.sync();
  await other.sync();
  await phone.rewrite(visit, "三楼有飞线");
  await other.rewrite(visit, "四楼有飞线");
  for (const one of [phone, other, phone]) await one.sync();
  assert.equal((await phone.run("conflicts")).length, 1);

  const lead = await Lead.in(browser, community, who);
  const { page } = lead;
  await page.getByRole("link", { name: "待选定" }).click();
  await lead.entry(visit).getByRole("link", { name: "查看全部" }).click();
  const values = page.locator("section.conflict form");
  assert.deepEqual((await values.locator(".text").allInnerTexts()).sort(), ["三楼有飞线", "四楼有飞线"]);
  assert.match(await page.getByRole("region", { name: "修改历史" }).last().innerText(), /没有写清/);
  await values.filter({ hasText: "四楼有飞线" }).getByRole("button", { name: "选这个" }).click();
  await page.getByRole("heading", { name: "就选这个吗" }).waitFor();
  assert.equal((await phone.run("conflicts")).length, 1, "nothing is chosen before it is confirmed");
  await page.locator("p", { hasText: "留下：" }).filter({ hasText: "四楼有飞线" }).waitFor();
  await page.getByRole("button", { name: "选这个" }).click();
  await page.waitForURL(`**/console/records/${visit.id}`);
  await page.locator("section.conflict").waitFor({ state: "detached" });

  for (const one of [phone, other]) {
    await one.sync();
    assert.equal((await one.show(visit)).content.note, "四楼有飞线");
    assert.deepEqual(await one.run("conflicts"), []);
  }
  assert.deepEqual(lead.complaints, []);
  await lead.close();
});
