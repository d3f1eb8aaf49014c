// What phones send stands on open pages by itself, at once, and takes nothing from whoever is writing there.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Community, atOnce, timed } from "./community.mjs";
import { Lead, openBrowser } from "./lead.mjs";

let community, browser, phone;
before(async () => {
  [community, browser] = await Promise.all([Community.found(), openBrowser()]);
  phone = await community.worker("网格员甲");
  await phone.household("3-1-501");
});
after(async () => {
  await browser?.close();
  await community?.close();
});

test("what a phone syncs stands on today's page and in the diary within a second, without a reload", async () => {
  const lead = await Lead.in(browser, community, await community.lead("组长甲"));
  const today = lead.page;
  const diary = await lead.context.newPage();
  await atOnce(async (turn) => {
    await Promise.all([today.goto("/console"), diary.goto("/console/diary")]);
    for (const page of [today, diary]) await page.evaluate(() => { window.same = true; });
    assert.equal(await diary.locator("article").count(), turn);

    const [note, visits] = [`第${turn + 1}处飞线，已劝说`, turn + 1];
    await phone.visit("3-1-501", note);
    await phone.sync();
    const took = await timed(() => Promise.all([
      today.locator("td .chip", { hasText: `走访 ${visits}` }).waitFor(),
      diary.locator("article", { hasText: note }).waitFor(),
      diary.locator(".sums", { hasText: `走访 ${visits} 户次（见面 ${visits}）` }).waitFor(),
    ]));
    for (const page of [today, diary]) assert.ok(await page.evaluate(() => window.same), "nothing was loaded anew");
    return took;
  });
  assert.deepEqual(lead.complaints, []);
  await lead.close();
});

test("news leave a note that is being written alone", async () => {
  const visit = await phone.visit("3-1-501", "一楼正常");
  await phone.sync();
  const lead = await Lead.in(browser, community, await community.lead("组长乙"));
  const { page } = lead;
  await page.goto("/console/diary");
  const note = lead.entry(visit).locator(".note");
  await note.pressSequentially("请写清");

  const later = await phone.visit("3-1-501", "二楼正常");
  await phone.rewrite(visit, "一楼有杂物");
  await phone.sync();
  await lead.entry(later).waitFor();
  await page.keyboard.type("哪一层");
  assert.equal(await note.inputValue(), "请写清哪一层", "text and cursor are where they were");
  assert.match(await lead.entry(visit).innerText(), /一楼正常/, "and so is what the note speaks of");

  // What is sent now would be about a version that is gone: it is told, and the note stays.
  await lead.entry(visit).getByRole("button", { name: "退回" }).click();
  await page.locator("#said", { hasText: "这条记录刚刚有了修改" }).waitFor();
  assert.equal(await note.inputValue(), "请写清哪一层");
  assert.equal((await phone.sync()).received, 0, "nothing was marked");
  assert.deepEqual(lead.complaints, []);
  await lead.close();
});

test("a page that lost its server says so, and shows what came in meanwhile once it is back", async () => {
  const lead = await Lead.in(browser, community, await community.lead("组长丙"));
  const { page } = lead;
  const said = page.locator("#said");
  assert.equal(await said.innerText(), "");
  await community.stop();
  await said.filter({ hasText: "连接断开" }).waitFor();
  await community.serveAgain();
  const visit = await phone.visit("3-1-501", "断线期间");
  await phone.sync();
  await page.locator("td .chip", { hasText: "走访" }).first().waitFor({ timeout: 15_000 });
  await page.waitForFunction(() => document.getElementById("said").textContent === "", undefined, { timeout: 15_000 });
  await page.goto("/console/diary");
  await lead.entry(visit).waitFor();
  await lead.close();
});

test("a note that was written outlives a reload, and is gone once it is sent", async () => {
  const lead = await Lead.in(browser, community, await community.lead("组长丁"));
  const { page } = lead;
  await page.goto("/console/diary");
  const visit = await phone.visit("3-1-501", "再写一条");
  await phone.sync();
  const note = lead.entry(visit).locator(".note");
  await note.pressSequentially("请补照片");
  await page.reload();
  assert.equal(await note.inputValue(), "请补照片");
  await lead.entry(visit).getByRole("button", { name: "退回" }).click();
  await lead.entry(visit).locator(".badge", { hasText: "退回" }).first().waitFor();
  await page.reload();
  assert.equal(await note.inputValue(), "");
  await lead.close();
});
