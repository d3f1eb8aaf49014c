// From an invitation on the screen to the first sync, and to a phone that is shut out again: what the administrator
// presses is what real phones obey.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { COMMUNITY, Community, GRID } from "./community.mjs";
import { Lead, openBrowser } from "./lead.mjs";
import { readPicture } from "./picture.mjs";

let community, browser, who;
before(async () => {
  [community, browser] = await Promise.all([Community.found(), openBrowser()]);
  who = await community.lead("管理员甲", COMMUNITY, "administrator");
});
after(async () => {
  await browser?.close();
  await community?.close();
});

/** Adds a grid worker on the page 人员 and stays on their page. */
async function add(lead, name) {
  const { page } = lead;
  await page.goto("/console/people");
  const form = page.getByRole("region", { name: "添加人员" });
  await form.getByLabel("姓名").fill(name);
  await form.getByLabel("角色").selectOption({ label: "网格员" });
  await form.getByLabel("范围").selectOption({ label: GRID });
  await lead.decide(form.getByRole("button", { name: "添加人员" }), "添加人员");
  await page.getByRole("heading", { name, exact: true }).waitFor();
}

/** Makes an invitation, and reads its picture. */
async function invite({ page }) {
  await page.getByRole("button", { name: "生成二维码" }).click();
  return readPicture(page.getByRole("img", { name: "邀请二维码" }));
}

const phones = ({ page }) => page.getByRole("region", { name: "手机" }).locator("ul.cards li");

test("a phone joins with the picture on the screen, syncs, and stands on its person's page; no other phone joins with it", async () => {
  const lead = await Lead.in(browser, community, who);
  const { page } = lead;
  await add(lead, "网格员甲");
  assert.equal(await phones(lead).count(), 0);
  const payload = await invite(lead);
  assert.match(payload, /^gridbook:\/\/enrol\?/);
  await page.setViewportSize({ width: 360, height: 780 });
  assert.equal(await readPicture(page.getByRole("img", { name: "邀请二维码" })), payload, "from a small screen as well");
  await page.setViewportSize({ width: 1280, height: 900 });
  assert.equal(await page.locator("#payload").textContent(), payload, "and as a line where no camera is");

  const phone = community.newPhone();
  await phone.run("enrol", payload, "--label", "甲的手机");
  await page.getByRole("link", { name: "扫好了" }).click();
  await phones(lead).filter({ hasText: "甲的手机" }).filter({ hasText: "登记后还没有联网" }).waitFor();
  await phone.household("3-1-501");
  const visit = await phone.visit("3-1-501", "第一次走访");
  await phone.sync();
  assert.equal((await phone.show(visit)).standing, "on_server");
  await page.reload();
  assert.match(await phones(lead).innerText(), /甲的手机\s+今天 \d\d:00 左右联网/);

  const other = community.newPhone();
  await assert.rejects(other.run("enrol", payload), /invite_used/);
  await page.reload();
  assert.equal(await phones(lead).count(), 1);
  assert.deepEqual(lead.complaints, []);
  await lead.close();
});

test("an invitation that was taken back lets no phone in, and the next one does", async () => {
  const lead = await Lead.in(browser, community, who);
  const { page } = lead;
  await add(lead, "网格员乙");
  const first = await invite(lead);
  await page.getByRole("link", { name: "扫好了" }).click();
  await page.getByRole("button", { name: "收回未用的邀请" }).click();
  await page.getByRole("link", { name: "不做了" }).click();
  await lead.decide(page.getByRole("button", { name: "收回未用的邀请" }), "收回未用的邀请");
  await page.getByRole("status").filter({ hasText: "未用的邀请都已失效" }).waitFor();

  const phone = community.newPhone();
  await assert.rejects(phone.run("enrol", first), /invite_revoked/);
  const second = await invite(lead);
  assert.notEqual(second, first);
  await phone.run("enrol", second);
  assert.deepEqual(lead.complaints, []);
  await lead.close();
});

test("a phone that is shut out hands in what it had not sent, and once let in it stands in the diary", async () => {
  const phone = await community.worker("网格员丙");
  await phone.household("5-2-301");
  await phone.sync();
  const kept = await phone.visit("5-2-301", "停用前没有上传");

  const lead = await Lead.in(browser, community, who);
  const { page } = lead;
  await page.goto("/console/people");
  await page.getByRole("link", { name: "网格员丙" }).click();
  await page.getByRole("button", { name: "停用" }).click();
  await page.getByRole("link", { name: "不做了" }).click();
  assert.equal((await phone.run("status")).phase, "working", "a question shuts nobody out");
  await lead.decide(phones(lead).getByRole("button", { name: "停用" }), "停用");
  await phones(lead).locator(".badge", { hasText: "停用" }).waitFor();

  assert.equal((await phone.sync()).handed_in.changes, 1);
  await assert.rejects(phone.visit("5-2-301", "停用后"), /wiped/);
  const diary = await Lead.in(browser, community, await community.lead("组长甲"));
  await diary.page.goto("/console/diary");
  assert.equal(await diary.entry(kept).count(), 0, "nothing of it counts before somebody let it in");

  await page.goto("/console/people/box");
  const parcel = page.getByRole("region", { name: "停用的手机交回的" }).locator("li");
  await parcel.filter({ hasText: "网格员丙" }).filter({ hasText: "待收下" }).waitFor();
  await lead.decide(parcel.getByRole("button", { name: "收下" }), "收下");
  await diary.entry(kept).filter({ hasText: "停用前没有上传" }).filter({ hasText: "网格员丙" }).waitFor();
  await parcel.locator(".badge", { hasText: /\d\d:\d\d 收下$/ }).waitFor();
  assert.equal(await parcel.getByRole("button").count(), 0, "once");
  for (const one of [lead, diary]) {
    assert.deepEqual(one.complaints, []);
    await one.close();
  }
});
