// What an attacker tries at the console, in a real browser: guessing, forms that are not ours, stealing the cookie, and
// text that would like to be a script.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";

import { Community } from "./community.mjs";
import { Lead, openBrowser } from "./lead.mjs";

let community, browser, who;
before(async () => {
  [community, browser] = await Promise.all([Community.found(), openBrowser()]);
  who = await community.lead("组长甲");
});
after(async () => {
  await browser?.close();
  await community?.close();
});

test("who guesses is told to wait, and then the right password waits as well", async () => {
  const guessed = await community.lead("组长乙");
  const lead = await Lead.at(browser, community);
  const { page } = lead;
  await page.goto("/console/diary");
  const alert = page.getByRole("alert");
  for (let guess = 1; guess <= 5; guess += 1) {
    await lead.logIn({ name: guessed.name, password: `wrong password ${guess}` });
    await alert.filter({ hasText: "密码或动态码不对" }).waitFor();
  }
  await lead.logIn({ name: guessed.name, password: "wrong password 6" });
  await lead.logIn(guessed);
  const told = alert.filter({ hasText: /试的次数太多，请 \d+ 秒后再试/ });
  await told.waitFor();
  assert.equal(await page.inputValue("#password"), "", "no password comes back in a page");
  await page.goto("/console");
  assert.match(page.url(), /\/console\/login/, "nobody is in");
  assert.deepEqual(lead.complaints, []);
  await lead.close();
});

test("a form without its proof, or from another site, changes nothing", async () => {
  const lead = await Lead.in(browser, community, who);
  const { page } = lead;
  await page.evaluate(() => {
    for (const field of document.querySelectorAll("input[name=csrf]")) field.remove();
  });
  await page.getByRole("button", { name: "退出" }).click();
  await page.getByRole("heading", { name: "这个页面已过期" }).waitFor();
  await page.goto("/console");
  await page.getByRole("heading", { name: "今日", exact: true }).waitFor();

  const proof = await page.getAttribute("meta[name=gridbook-csrf]", "content");
  const evil = createServer((_, answer) => {
    answer.setHeader("content-type", "text/html");
    answer.end(`<form method="post" action="${community.url}/console/logout">
      <input name="csrf" value="${proof}"></form><script>document.forms[0].submit()</script>`);
  });
  await new Promise((listening) => evil.listen(0, "127.0.0.1", listening));
  const elsewhere = await lead.context.newPage();
  // Even with a stolen proof; and the cookie does not go along from another site (a name makes it one).
  const sent = elsewhere.waitForRequest("**/console/logout");
  await elsewhere.goto(`http://localhost:${evil.address().port}/`);
  const request = await sent;
  assert.equal((await request.allHeaders()).cookie, undefined);
  await elsewhere.getByRole("heading", { name: "这个页面已过期" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "今日", exact: true }).waitFor();
  evil.close();
  assert.deepEqual(lead.complaints, []);
  await lead.close();
});

test("no script reads the session's cookie, and over TLS it never travels without", async (t) => {
  const lead = await Lead.in(browser, community, who);
  const session = (await lead.context.cookies()).find(({ name }) => name === "gridbook-session");
  assert.ok(session.httpOnly && session.sameSite === "Strict" && session.expires === -1, JSON.stringify(session));
  assert.doesNotMatch(await lead.page.evaluate(() => document.cookie), /session/);
  await lead.close();

  const secure = await Community.found({ tls: true });
  t.after(() => secure.close());
  const safe = await Lead.in(browser, secure, await secure.lead("组长甲"));
  const cookies = await safe.context.cookies();
  const kept = cookies.find(({ name }) => name === "__Host-gridbook-session");
  assert.ok(kept.secure && kept.httpOnly && kept.sameSite === "Strict" && kept.path === "/", JSON.stringify(cookies));
  await safe.page.getByRole("button", { name: "退出" }).click();
  await safe.page.waitForURL("**/console/login*");
  assert.ok(!(await safe.context.cookies()).some(({ name }) => name === "__Host-gridbook-session"));
  assert.deepEqual(safe.complaints, []);
  await safe.close();
});

test("what looks like a script is shown as text wherever it was written, and never runs", async () => {
  const attack = "\"'><script>window.ran=1</script><img src=x onerror=\"window.ran=1\"><svg onload=window.ran=1>";
  const phone = await community.worker(`网格员<b onmouseover=window.ran=1>甲`);
  await phone.run("household", "add", "3-1-501", "--contact", attack, "--note", attack);
  const visit = await phone.visit("3-1-501", attack);
  const diary = await phone.run("diary", "add", attack, "--category", "safety");
  await phone.sync();

  const lead = await Lead.in(browser, community, who);
  const { page } = lead;
  await page.goto("/console/diary");
  await lead.entry(visit).locator(".note").fill(attack);
  await lead.entry(visit).getByRole("button", { name: "退回" }).click();
  await lead.entry(visit).locator(".marks").waitFor();
  const entered = `/console/login?next=${encodeURIComponent(`/console/${attack}`)}`;
  const pages = ["/console", "/console/diary", "/console/diary/sheet", "/console/queue?state=returned",
    `/console/records/${visit.id}`, `/console/records/${diary.id}`, `/console/queue?grid=${encodeURIComponent(attack)}`];
  for (const address of [...pages, entered]) {
    await page.goto(address);
    await page.mouse.move(200, 300);
    assert.equal(await page.evaluate(() => window.ran), undefined, address);
    assert.equal(await page.locator("main script, main img, main svg, main b[onmouseover]").count(), 0, address);
  }
  for (const address of ["/console/diary", `/console/records/${visit.id}`]) {
    await page.goto(address);
    assert.ok((await page.locator("main").innerText()).includes(attack), `${address} shows it as it was written`);
  }
  // The name that was tried comes back in the login form.
  await page.getByRole("button", { name: "退出" }).click();
  await lead.logIn({ name: attack, password: "wrong password" });
  await page.getByRole("alert").waitFor();
  assert.equal(await page.inputValue("#name"), attack);
  assert.equal(await page.evaluate(() => window.ran), undefined);
  assert.deepEqual(lead.complaints, [], "and nothing had to be blocked");
  await lead.close();
});

test("a script that got into a page would be blocked, and the stories would notice", async () => {
  const lead = await Lead.in(browser, community, who);
  await lead.page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "window.ran = 1";
    document.body.append(script);
  });
  assert.equal(await lead.page.evaluate(() => window.ran), undefined);
  await lead.page.waitForFunction(() => true);
  assert.ok(lead.complaints.some((complaint) => complaint.startsWith("policy: script-src")), lead.complaints.join("\n"));
  await lead.close();
});
