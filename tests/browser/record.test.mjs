// A record's own page says each fact once and in words: a set in one line, a household by where it is, a list as the items
// that people tick; and what names another record leads there.
import assert from "node:assert/strict";
import { test } from "node:test";

import { stage } from "./stage.mjs";

const here = stage();

/** What the page of a record says, by what each fact is called. */
async function facts(record) {
  await here.lead.page.goto(`/console/records/${record.id}`);
  return Object.fromEntries(await here.lead.page.locator("dl.fields dt").evaluateAll((names) =>
    names.map((name) => [name.textContent, name.nextElementSibling.textContent])));
}

test("a visit's page names its household and joins what it was for", async () => {
  const { page } = here.lead;
  const home = await here.phone.household("3-1-501");
  const visit = await here.phone.run("visit", "add", "3-1-501", "--outcome", "met", "--purpose", "安全检查", "--purpose", "反诈宣传",
    "--hazard", "飞线充电", "--note", "门口有飞线");
  const told = await here.phone.run("outreach", "add", "--form", "door", "--household", "3-1-501", "--reached", "2");
  await here.phone.sync();
  const said = await facts(visit);
  assert.deepEqual(said["走访目的"].split("、").sort(), ["反诈宣传", "安全检查"]);
  assert.deepEqual([said["走访的户"], said["安全隐患"], said["走访情况"]], ["3-1-501", "飞线充电", "门口有飞线"]);
  assert.ok(Object.keys(said).every((name) => !name.includes("/")), `no path is shown: ${Object.keys(said)}`);
  const history = page.getByRole("row").filter({ has: page.getByRole("cell", { name: "走访的户", exact: true }) });
  assert.equal(await history.locator("td").last().innerText(), "3-1-501", "in its history too");
  await page.getByRole("link", { name: "3-1-501" }).click();
  await page.waitForURL(`**/console/households/${home.id}`);

  await facts(told);
  await page.locator("dl.fields").getByRole("link").click();
  await page.waitForURL(`**/console/households/${home.id}`);
  assert.deepEqual(here.lead.complaints, []);
});

test("a list's page shows its items with who ticked them, and every tick in its history", async () => {
  const { page } = here.lead;
  const member = await here.community.worker("组员甲", "安全防范", "member");
  const list = await member.run("list", "add", "灭火器检查", "--group", "安全防范", "--item", "一楼", "--item", "二楼");
  await member.run("tick", list.id, "2");
  await member.sync();
  const said = await facts(list);
  assert.deepEqual([said["标题"], said["任务组"]], ["灭火器检查", "安全防范"]);
  assert.ok(Object.keys(said).every((name) => !/事项|勾选|负责人/.test(name)), Object.keys(said).join());
  const items = page.locator("ul.items li");
  assert.equal(await items.count(), 2);
  await items.filter({ hasText: "二楼" }).and(page.locator(".ticked")).filter({ hasText: "组员甲" }).waitFor();
  assert.equal(await page.locator("ul.items li.ticked").count(), 1);
  await page.getByText("完成 1/2").waitFor();
  await page.getByRole("cell", { name: "勾选 / 二楼 / 组员甲" }).waitFor();
  assert.deepEqual(here.lead.complaints, []);
});
