// What who tries Gridbook sees: the demo's page 今日 changes by itself when one of its workers' phones syncs.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Community, atOnce, timed } from "./community.mjs";
import { Lead, openBrowser } from "./lead.mjs";

let community, browser;
before(async () => {
  [community, browser] = await Promise.all([Community.demo(), openBrowser()]);
});
after(async () => {
  await browser?.close();
  await community?.close();
});

test("on the demo's open page a worker's visit is counted in their grid, within a second", async () => {
  const lead = await Lead.in(browser, community, community.who);
  const { page } = lead;
  const [visit] = await community.records("kind=visit&limit=1");
  const [name] = await community.workers(visit.grid);
  const phone = await community.phoneOf(name);
  await phone.sync();
  const rows = page.locator("main tbody tr");
  const visits = async () => {
    const told = await rows.evaluateAll((all) => all.map((row) => [
      row.querySelector("th").textContent.trim(), Number(row.innerText.match(/走访 (\d+)/)?.[1] ?? 0),
    ]));
    return Object.fromEntries(told);
  };
  const [home] = await phone.run("household", "list");
  const grid = (await phone.run("status")).grants.find(({ role }) => role === "worker").scope;
  const row = rows.filter({ has: page.locator(`a[href*="${grid}"]`) });
  const called = (await row.locator("th").innerText()).trim();

  await atOnce(async () => {
    await page.reload();
    await page.evaluate(() => { window.same = true; });
    const before = await visits();
    await phone.visit(home.id, "演示：上门回访");
    await phone.sync();
    const chip = row.locator(".chip", { hasText: new RegExp(`^走访 ${before[called] + 1}$`) });
    const took = await timed(() => chip.waitFor());
    assert.deepEqual(await visits(), { ...before, [called]: before[called] + 1 }, "and nobody else's number moved");
    assert.ok(await page.evaluate(() => window.same), "nothing was loaded anew");
    return took;
  });
  assert.deepEqual(lead.complaints, []);
  await lead.close();
});
