// The five task groups tick at once, each on a phone, and the page 清单 tells who ticked what while it is open.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Community, atOnce, timed } from "./community.mjs";
import { Lead, openBrowser } from "./lead.mjs";

const GROUPS = ["帮扶教育", "便民服务", "矛盾化解", "安全防范", "采集走访"];

let community, browser;
before(async () => {
  [community, browser] = await Promise.all([Community.found(), openBrowser()]);
});
after(async () => {
  await browser?.close();
  await community?.close();
});

/** A member of each group, the phone in their hand, and the list that they made on it. */
async function members() {
  const all = [];
  for (const group of GROUPS) {
    const name = `${group}组员`;
    const phone = await community.worker(name, group, "member");
    const list = await phone.run("list", "add", `${group}月清单`, "--group", group, "--item", `${group}第一项`, "--item", `${group}第二项`);
    await phone.sync();
    all.push({ group, name, phone, list });
  }
  return all;
}

test("five phones of five task groups tick, and the open page says who ticked what, within a second", async () => {
  const all = await members();
  const lead = await Lead.in(browser, community, await community.lead("组长甲"));
  const { page } = lead;
  const card = ({ group }) => page.locator("article.list", { hasText: `${group}月清单` });
  const item = (member, number) => card(member).locator("li", { hasText: `${member.group}第${number}项` });
  // Each ticks another one than their neighbour, so that no card can stand for another.
  const says = async ({ phone, list }, word, at) => {
    await phone.run(word, list.id, String(at % 2 + 1));
    await phone.sync();
  };
  await atOnce(async (turn) => {
    // What an earlier turn left; the first took theirs back.
    if (turn > 0) await Promise.all(all.map((member, at) => at > 0 && says(member, "untick", at)));
    await page.goto("/console/lists");
    await page.evaluate(() => { window.same = true; });
    for (const member of all) {
      await card(member).getByText("完成 0/2").waitFor();
      assert.equal(await card(member).locator("li.ticked").count(), 0);
    }

    // Counted from the last of them on: before, it is the phones that keep this machine busy.
    await Promise.all(all.map((member, at) => says(member, "tick", at)));
    const shown = await timed(() => Promise.all(all.map(async (member, at) => {
      await item(member, at % 2 ? "二" : "一").and(page.locator(".ticked")).filter({ hasText: member.name }).waitFor();
      await card(member).getByText("完成 1/2").waitFor();
    })));
    for (const [at, member] of all.entries()) {
      const open = item(member, at % 2 ? "一" : "二");
      assert.equal((await open.innerText()).trim(), `${member.group}第${at % 2 ? "一" : "二"}项`, "the other one waits, with nobody's name");
      const row = page.getByRole("row", { name: new RegExp(`^${member.group}`) });
      assert.match(await row.innerText(), /完成 1\/2/);
    }

    // A tick that is taken back is gone as quickly.
    const [first] = all;
    await says(first, "untick", 0);
    const gone = await timed(() => card(first).getByText("完成 0/2").waitFor());
    assert.equal(await card(first).getByText(first.name).count(), 0);
    assert.ok(await page.evaluate(() => window.same), "nothing was loaded anew");
    return Math.max(shown, gone);
  });
  assert.deepEqual(lead.complaints, []);
  await lead.close();
});

test("an item for two is done by the second of two people who tick it offline", async () => {
  const [one, other] = [await community.worker("组员甲", "安全防范", "member"), await community.worker("组员乙", "安全防范", "member")];
  const list = await one.run("list", "add", "灭火器检查", "--group", "安全防范", "--item", "三层灭火器", "--people", "2");
  for (const phone of [one, other]) await phone.sync();
  const lead = await Lead.in(browser, community, await community.lead("组长乙"));
  const { page } = lead;
  await page.goto("/console/lists");
  const card = page.locator("article.list", { hasText: "灭火器检查" });
  for (const phone of [one, other]) await phone.run("tick", list.id, "1");
  await one.sync();
  await card.locator("li", { hasText: "组员甲" }).waitFor();
  assert.equal(await card.locator("li.ticked").count(), 0, "one of two");
  await other.sync();
  await card.locator("li.ticked", { hasText: "组员甲" }).filter({ hasText: "组员乙" }).waitFor();
  assert.deepEqual(lead.complaints, []);
  await lead.close();
});
