// The console without a mouse: logging in, marking a page, taking it back, each step on an element that is seen to have
// the keyboard.
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

/** Goes on with Tab until an element with this text has the keyboard; nobody presses it more often than this. */
async function tabTo(lead, text) {
  for (let presses = 0; presses < 60; presses += 1) {
    await lead.press("Tab");
    const here = await lead.page.evaluate(() => {
      const node = document.activeElement;
      const { outlineStyle, outlineWidth } = getComputedStyle(node);
      // On a date's calendar button the browser draws the ring itself, out of a style's reach.
      const ring = node.type === "date" || (outlineStyle !== "none" && outlineWidth !== "0px");
      const box = node.getBoundingClientRect();
      const covered = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
      const name = node.innerText || node.labels?.[0]?.innerText || node.getAttribute("aria-label") || "";
      const hidden = box.width === 0 || !(covered === node || node.contains(covered) || covered?.contains(node));
      return { name: name.trim(), ring, hidden, what: node.outerHTML.slice(0, 120) };
    });
    assert.ok(here.ring || here.what.startsWith("<body"), `one does not see that it has the keyboard: ${here.what}`);
    assert.ok(!here.hidden || here.what.startsWith("<body"), `it has the keyboard and is hidden: ${here.what}`);
    if (here.name === text) return;
  }
  assert.fail(`Tab never comes to ${text}`);
}

test("from the login to a marked page and back, with the keyboard alone", async () => {
  const phone = await community.worker("网格员甲");
  await phone.household("3-1-501");
  for (const note of ["一楼", "二楼"]) await phone.visit("3-1-501", note);
  await phone.sync();
  const who = await community.lead("组长甲");
  const lead = await Lead.at(browser, community);
  const { page } = lead;

  await page.goto("/console");
  await page.keyboard.type(who.name);
  await lead.press("Tab");
  await page.keyboard.type(who.password);
  await lead.press("Enter");
  await page.waitForURL("**/console");

  // The first Tab offers the way past the header.
  await tabTo(lead, "跳到正文");
  await tabTo(lead, "日记本");
  await lead.press("Enter");
  await page.waitForURL("**/console/diary");
  await tabTo(lead, "这一天 2 条全部已阅");
  await lead.press("Enter");
  await page.getByRole("heading", { name: "已阅 2 条" }).waitFor();
  await phone.sync();
  assert.equal((await phone.run("diary", "show")).lines.length, 2);
  await tabTo(lead, "撤销");
  await lead.press("Enter");
  await page.waitForURL("**/console/diary?*");
  assert.equal(await page.locator("article.waits").count(), 2);

  await lead.press("j", "Enter");
  await page.locator("article .badge.seen").waitFor();
  assert.equal(await page.locator("article.waits").count(), 1);
  await tabTo(lead, "退出");
  await lead.press("Enter");
  await page.waitForURL("**/console/login*");
  assert.deepEqual(lead.complaints, []);
  await lead.close();
});
