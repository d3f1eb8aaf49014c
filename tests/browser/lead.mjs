// A lead at a browser of their own: cookies, one page, and everything that the browser complains about on the way.
// Stories end with `lead.complaints` being empty: nothing was blocked by the policy, no script failed, no file was missing.
import { chromium } from "playwright-core";

/** Debian's; another one may be named. */
const CHROMIUM = process.env.GRIDBOOK_CHROMIUM ?? "/usr/bin/chromium";

export function openBrowser() {
  // Its own words too, such as the order of a date's parts, are those of who uses it.
  return chromium.launch({ executablePath: CHROMIUM, args: ["--lang=zh-CN"], env: { ...process.env, LANGUAGE: "zh_CN" } });
}

export class Lead {
  /** A fresh browser, not logged in. */
  static async at(browser, community, { width = 1280, height = 900, language = "zh", large = false } = {}) {
    const context = await browser.newContext({
      baseURL: community.url,
      viewport: { width, height },
      locale: "zh-CN",
      reducedMotion: "reduce",
      ignoreHTTPSErrors: true,
    });
    context.setDefaultTimeout(10_000);
    const set = (name, value) => context.addCookies([{ name, value, url: community.url }]);
    if (language !== "zh") await set("gridbook-language", language);
    if (large) await set("gridbook-text", "large");
    const lead = new Lead(context);
    await lead.listen();
    lead.page = await context.newPage();
    return lead;
  }

  /** A browser in which somebody is logged in. */
  static async in(browser, community, who, options) {
    const lead = await Lead.at(browser, community, options);
    await lead.page.goto("/console/login");
    await lead.logIn(who);
    await lead.page.waitForURL("**/console");
    return lead;
  }

  constructor(context) {
    this.context = context;
    this.complaints = [];
  }

  /** On every page of this browser. */
  async listen() {
    const complain = (text) => this.complaints.push(text);
    await this.context.exposeFunction("complainOfPolicy", complain);
    await this.context.addInitScript(() => {
      addEventListener("securitypolicyviolation", (event) => {
        window.complainOfPolicy(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
      });
    });
    this.context.on("weberror", (error) => complain(`script: ${error.error().stack}`));
    this.context.on("console", (message) => {
      if (message.text().includes("Content Security Policy")) complain(message.text());
    });
    this.context.on("response", (answer) => {
      if (answer.status() >= 500 || (answer.status() >= 400 && answer.url().includes("/assets/"))) {
        complain(`${answer.status()} ${answer.url()}`);
      }
    });
  }

  async logIn({ name, password }) {
    await this.page.fill("#name", name);
    await this.page.fill("#password", password);
    await this.page.click(".login-card button[type=submit]");
  }

  /** The entry of a record on a page. */
  entry(record) {
    return this.page.locator(`#r${record.id}`);
  }

  /** Presses the button that leads to a deed's question, and the one that confirms it. */
  async decide(button, name) {
    await button.click();
    await this.page.locator(".confirm").getByRole("button", { name, exact: true }).click();
  }

  press(...keys) {
    return keys.reduce((before, key) => before.then(() => this.page.keyboard.press(key)), Promise.resolve());
  }

  close() {
    return this.context.close();
  }
}
