// A building changes hands by the wizard: what it counts before is what both workers' phones tell afterwards, and what
// the old one had not sent yet still arrives and stays theirs.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Community, GRID, SECOND_GRID } from "./community.mjs";
import { Lead, openBrowser } from "./lead.mjs";

let community, browser, old, next;
before(async () => {
  [community, browser] = await Promise.all([Community.found(), openBrowser()]);
  old = await community.worker("网格员甲");
  next = await community.worker("网格员乙", SECOND_GRID);
});
after(async () => {
  await browser?.close();
  await community?.close();
});

const due = async (phone) => (await phone.run("household", "due")).map(({ household }) => household.content.dwelling).sort();
const handOvers = async (phone) => (await phone.run("handovers")).hand_overs;

/** What a phone tells of hand-overs of which nothing waits or was refused, latest first. */
async function told(phone) {
  const settled = (await handOvers(phone)).filter(({ waiting, refused }) => waiting === 0 && refused === 0);
  return settled.map(({ why, households, records }) => ({ why, households, records }));
}

/** Households and records, as the console says them. */
async function sums(page) {
  const said = await page.locator(".sums").innerText();
  const [, households, records] = said.match(/(\d+) 户，连同走访等共 (\d+) 条记录/);
  return { households: Number(households), records: Number(records) };
}

test("a building is counted, handed over, and counted alike by both phones; late work is its author's", async () => {
  for (const dwelling of ["3-1-501", "3-1-502", "4-1-101"]) await old.household(dwelling);
  await old.visit("3-1-501", "门口有飞线");
  await old.visit("4-1-101", "不在移交的楼里");
  await old.run("household", "edit", "3-1-502", "--needs-visit");
  await old.run("household", "edit", "3-1-501", "--needs-visit");
  await old.sync();
  await next.sync();
  const lead = await Lead.in(browser, community, await community.lead("组长甲"));
  const { page } = lead;
  await page.goto("/console/people");
  await page.getByRole("link", { name: "移交" }).click();
  await page.getByLabel("从哪个网格").selectOption({ label: GRID });
  await page.getByRole("button", { name: "下一步" }).click();
  await page.getByLabel("3 栋（2 户）").check();
  await page.getByLabel("交给哪个网格").selectOption({ label: SECOND_GRID });
  await page.getByLabel("原因").selectOption({ label: "换人负责" });
  await page.getByRole("button", { name: "先看数量" }).click();
  await page.getByRole("heading", { name: `从${GRID}移交给${SECOND_GRID}？` }).waitFor();
  const counted = await sums(page);
  assert.deepEqual(counted, { households: 2, records: 3 }, "two households and the visit to one of them");
  await next.sync();
  assert.deepEqual([await due(next), await handOvers(next)], [[], []], "counting moves nothing");

  // The old worker is at a door without a network while the lead decides.
  const late = await old.visit("3-1-502", "移交之后才上传");
  await page.getByRole("button", { name: "移交", exact: true }).click();
  await page.getByRole("heading", { name: `已从${GRID}移交给${SECOND_GRID}` }).waitFor();
  assert.deepEqual(await sums(page), counted);

  await next.sync();
  const [came, ...more] = await handOvers(next);
  assert.deepEqual([came.came, came.went, came.why, more.length], [true, false, "staff", 0]);
  assert.deepEqual({ households: came.households, records: came.records }, counted);
  assert.deepEqual(await due(next), ["3-1-501", "3-1-502"]);

  const sent = await old.sync();
  assert.deepEqual(sent.refused, [], "late work is taken");
  await next.sync();
  for (const phone of [old, next]) {
    const [followed, moved] = await told(phone);
    assert.deepEqual(followed, { why: "follows", households: 0, records: 1 }, "the late visit went after its household");
    assert.deepEqual(moved, { why: "staff", ...counted }, "and both phones count what the console counted");
  }
  const kept = (await old.run("household", "list")).map(({ content }) => content.dwelling);
  assert.deepEqual(kept, ["4-1-101"], "and nothing of the other building went along");

  assert.equal((await next.show(late)).content.note, "移交之后才上传");
  await page.goto(`/console/records/${late.id}`);
  const record = await page.locator("main").innerText();
  assert.match(record, /网格员甲/, "whose work it is");
  assert.match(record, new RegExp(SECOND_GRID), "and where it lives now");
  assert.deepEqual(lead.complaints, []);
  await lead.close();
});

test("a lead of one grid alone hands nothing over", async () => {
  const lead = await Lead.in(browser, community, await community.lead("组长乙", GRID));
  const { page } = lead;
  await page.goto("/console/hand-over");
  await page.getByText("没有可以移交的网格").waitFor();
  assert.equal(await page.getByRole("button", { name: "下一步" }).count(), 0);
  await lead.close();
});
