// Every page of `pages.mjs` on the demo's community, in both languages: whole words, no scroll bar to the side on a small
// phone, small enough for a poor network, nothing that axe calls serious, and a picture at two widths.
import assert from "node:assert/strict";
import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { Community } from "./community.mjs";
import { Lead, openBrowser } from "./lead.mjs";
import { PAGES, places } from "./pages.mjs";
import { SCREENSHOTS } from "./programs.mjs";

/** A small phone and a large screen: width, and the height that a picture shows at most. */
const PHONE = { width: 360, height: 780, shown: 1_560 };
const SCREEN = { width: 1920, height: 1080, shown: 1_080 };
/** What a page shows at most of a code that it has no word for. */
const LONGEST_CODE = `${"m".repeat(40)}…`;
/** Bytes of HTML. */
const LARGEST_PAGE = 150_000;
const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
/** What axe looks for: WCAG up to 2.2, A and AA, and what its authors call good practice. */
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

let community, browser, administrator, known, axe;
before(async () => {
  [community, browser, axe] = await Promise.all([Community.demo(), openBrowser(), readFile(AXE, "utf8")]);
  administrator = await community.lead("社区管理员", "示范社区", "administrator");
  known = await places(community);
  await mkdir(SCREENSHOTS, { recursive: true });
});
after(async () => {
  await browser?.close();
  await community?.close();
});

const addressOf = (page) => page.address.replace(/\{(\w+)\}/g, (_, name) => {
  assert.ok(known[name], `${page.name}: \`places\` knows no ${name}`);
  return known[name];
});

/** Goes to a page as a lead does; what the server answered last. */
async function open({ page }, place) {
  let answer = await page.goto(addressOf(place));
  for (const step of place.press ?? []) answer = await take({ page }, step) ?? answer;
  return answer;
}

/** Types, chooses or presses; what the server answered, if it was asked. */
async function take({ page }, step) {
  const [what, text] = [step].flat();
  const element = page.locator(what).first();
  if (text) return element.fill(text);
  if (what.startsWith("input")) return element.check();
  const [answer] = await Promise.all([page.waitForNavigation(), element.click()]);
  return answer;
}

/** Who looks at pages, and which those are. */
const SEATS = ["nobody", "lead", "administrator"];
const pagesOf = (who) => PAGES.filter((page) => (page.as ?? "lead") === who);

function seat(who, options) {
  if (who === "nobody") return Lead.at(browser, community, options);
  return Lead.in(browser, community, who === "lead" ? community.who : administrator, options);
}

/** How far the page reaches beyond the screen to the side, and which elements do. */
function beyond() {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const scrolled = (node) => node.parentElement?.closest(".scroll");
  const far = [...document.querySelectorAll("body *")].filter((node) => node.getBoundingClientRect().right > width + 1 && !scrolled(node));
  return far.slice(0, 3).map((node) => `${node.tagName}.${node.className}`).concat(`${document.documentElement.scrollWidth} px`);
}

/** Which codes the day's records have is chance: as if each were the longest. */
function lengthen(code) {
  for (const chip of document.querySelectorAll(".chip")) chip.textContent = code;
}

/** Keys and placeholders that a reader would see, and the sign of a missing word. */
function unworded() {
  const texts = [document.title, document.body.innerText];
  for (const name of ["title", "aria-label", "placeholder", "alt"]) {
    for (const node of document.querySelectorAll(`[${name}]`)) texts.push(node.getAttribute(name));
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) if (walker.currentNode.data.trim() === "?") texts.push("{?}");
  return texts.join("\n").match(/\b(console|field|kind|message|standing)\.[a-z_]+|\{[a-z_?]+\}/g) ?? [];
}

async function look(lead) {
  // Playwright's own scripts come by the debugger's way, for which the page's policy does not speak; it stays in force.
  await lead.page.evaluate(axe);
  const found = await lead.page.evaluate((rules) => window.axe.run(document, { runOnly: rules, resultTypes: ["violations"] }), RULES);
  return found.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.slice(0, 3).map((node) => `${node.target} ${node.failureSummary}`).join(" | ")}`);
}

/** Down to where the page ends, if it is short. */
async function picture(lead, name, { width, shown }) {
  const height = await lead.page.evaluate(() => Math.ceil(document.querySelector("main").getBoundingClientRect().bottom + scrollY));
  await lead.page.setViewportSize({ width, height: Math.min(height, shown) });
  await lead.page.screenshot({ path: join(SCREENSHOTS, `${name}-${width}.png`) });
}

for (const language of ["zh", "en"]) {
  for (const who of SEATS) {
    test(`pages in ${language}, seen by ${who}`, async (t) => {
      const lead = await seat(who, { ...PHONE, language });
      for (const page of pagesOf(who)) {
        await t.test(page.name, () => lookAt(lead, page, language));
      }
      await lead.close();
    });
  }
}

async function lookAt(lead, page, language) {
  lead.complaints.length = 0;
  await lead.page.setViewportSize(PHONE);
  const answer = await open(lead, page);
  assert.equal(answer.status(), page.name === "nothing" ? 404 : 200);
  const { length } = await answer.body();
  assert.ok(length <= LARGEST_PAGE, `${length} bytes`);
  assert.equal(await lead.page.getAttribute("html", "lang"), language === "zh" ? "zh-CN" : "en");
  assert.deepEqual(await lead.page.evaluate(unworded), []);
  for (const size of [PHONE, SCREEN]) {
    await lead.page.setViewportSize(size);
    assert.deepEqual(await lead.page.evaluate(beyond), [], `${size.width} px wide`);
    if (language === "zh") await picture(lead, page.name, size);
    assert.deepEqual(await look(lead), [], `axe at ${size.width} px`);
  }
  if (page.paper && language === "zh") await paper(lead, page.name);
  for (const step of page.undo ?? []) await take(lead, step);
  assert.deepEqual(lead.complaints, []);
}

/** As it would be printed: the first page of A4, at 96 points an inch, with the margins of `print.css`. */
async function paper(lead, name) {
  const { page } = lead;
  await page.emulateMedia({ media: "print" });
  await page.setViewportSize({ width: 794, height: 1123 });
  await page.evaluate(() => { document.body.style.padding = "16mm 14mm"; });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}-794.png`) });
  await page.emulateMedia({ media: null });
}

test("large text fits a small phone too", async (t) => {
  for (const who of SEATS) {
    for (const language of ["zh", "en"]) {
      const lead = await seat(who, { ...PHONE, language, large: true });
      for (const page of pagesOf(who)) {
        await t.test(`${page.name} in ${language}`, async () => {
          await open(lead, page);
          assert.equal(await lead.page.evaluate(() => getComputedStyle(document.documentElement).fontSize), "20px");
          assert.deepEqual(await lead.page.evaluate(beyond), []);
          assert.deepEqual(await lead.page.evaluate(unworded), []);
          await lead.page.evaluate(lengthen, LONGEST_CODE);
          assert.deepEqual(await lead.page.evaluate(beyond), [], "with the longest code");
          for (const step of page.undo ?? []) await take(lead, step);
        });
      }
      await lead.close();
    }
  }
});
