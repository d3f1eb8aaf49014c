// An invented community behind a server of its own: a process on a free port, its data in a folder that is gone
// afterwards. Stories found a small one and give it people and phones; the pages are looked at on the demo's.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { PHONE, SERVER, run, start } from "./programs.mjs";

export const COMMUNITY = "虚构社区";
export const GRID = "第一网格";
export const SECOND_GRID = "第二网格";
export const PASSWORD = "样例口令-2026-十一月";

export class Community {
  /** A small one: two grids, nobody in it yet. With `tls` the server speaks TLS with a certificate of its own. */
  static async found({ tls = false } = {}) {
    const folder = await mkdtemp(join(tmpdir(), "gridbook-browser-"));
    const data = join(folder, "server");
    const grids = ["--grid", GRID, "--grid", SECOND_GRID];
    await run(SERVER, ["--data", data, "init", "--community", COMMUNITY, ...grids, ...(tls ? ["--tls", "localhost"] : [])]);
    const args = ["--data", data, "serve", "--listen", "127.0.0.1:0"];
    const { found, stop } = await start(SERVER, args, (line) => line.match(/^listening on (https?):\/\/127\.0\.0\.1:(\d+)/));
    const url = tls ? `https://localhost:${found[2]}` : `http://127.0.0.1:${found[2]}`;
    return new Community(folder, data, url, stop);
  }

  /** The demo's: a month of eight grids, and a day with three phones. Its lead is `who`. */
  static async demo() {
    const folder = await mkdtemp(join(tmpdir(), "gridbook-browser-"));
    const args = ["--data", folder, "demo", "--listen", "127.0.0.1:0"];
    const told = /(http:\/\/[0-9.:]+)\/console（姓名 (.+)，密码 (.+)）/;
    const { found: [, url, name, password], stop } = await start(SERVER, args, (line) => line.match(told));
    const community = new Community(folder, join(folder, "server"), url, stop);
    community.who = { name, password };
    community.token = (await readFile(join(folder, "lead-token"), "utf8")).trim();
    return community;
  }

  constructor(folder, data, url, stop) {
    Object.assign(this, { folder, data, url, stop, phones: 0 });
  }

  /** Starts a stopped server on the port that it had. */
  async serveAgain() {
    const listen = new URL(this.url).host;
    const args = ["--data", this.data, "serve", "--listen", listen];
    const { stop } = await start(SERVER, args, (line) => line.match(/^listening on/));
    this.stop = stop;
  }

  command(args, options) {
    return run(SERVER, ["--data", this.data, ...args], options);
  }

  /** Somebody who may log in at the console, with the password `PASSWORD`. */
  async lead(name, scope = COMMUNITY, role = "lead") {
    const { id } = await this.command(["people", "add", name, "--role", role, "--scope", scope]);
    await this.command(["console-password", id], { input: `${PASSWORD}\n` });
    return { name, password: PASSWORD };
  }

  /** A grid worker with a phone that is enrolled. */
  async worker(name, scope = GRID, role = "worker") {
    await this.command(["people", "add", name, "--role", role, "--scope", scope]);
    return this.phoneOf(name);
  }

  /** A phone that nobody has invited yet. */
  newPhone() {
    return new Phone(join(this.folder, `phone-${this.phones += 1}`));
  }

  /** A phone of somebody who is there already. */
  async phoneOf(name) {
    const { payload } = await this.command(["invite", name, "--server", this.url]);
    const phone = this.newPhone();
    await phone.run("enrol", payload);
    return phone;
  }

  /** The names of a grid's workers. */
  async workers(scope) {
    const people = await this.command(["people", "list"]);
    const works = ({ grants }) => grants.some((grant) => grant.scope === scope && grant.role === "worker");
    return people.filter(works).map(({ name }) => name);
  }

  /** What the leads' API answers. */
  async ask(path) {
    const answer = await fetch(`${this.url}/v1/${path}`, { headers: { authorization: `Bearer ${this.token}` } });
    return answer.json();
  }

  async records(query) {
    return (await this.ask(`records?${query}`)).records;
  }

  record(id) {
    return this.ask(`records/${id}`);
  }

  async close() {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** A second, as docs/CONSOLE.md promises. Counted from when a phone is told that the server has its work. */
const AT_ONCE = 1_000;
/** A busy machine may hold up any one. */
const TRIES = 3;

/**
 * Tells a story of news until they were there at once, `TRIES` times at most. The story is told its turn, from nought on,
 * and returns how long they took. It loads its pages first: an open page looks for itself every four seconds, and what
 * is found by that was not told.
 */
export async function atOnce(story) {
  const took = [];
  while (took.length < TRIES) {
    took.push(Math.round(await story(took.length)));
    if (took.at(-1) < AT_ONCE) return;
  }
  assert.fail(`news took ${took.join(", ")} ms`);
}

/** How many milliseconds pass until what `wait` waits for is there. */
export async function timed(wait) {
  const began = performance.now();
  await wait();
  return performance.now() - began;
}

/** A real phone, the whole core, without its screen. */
export class Phone {
  constructor(home) {
    this.home = home;
  }

  run(...args) {
    return run(PHONE, args, { env: { GRIDBOOK_HOME: this.home } });
  }

  household(dwelling) {
    return this.run("household", "add", dwelling);
  }

  /** A visit on the phone; it reaches the server with the next sync. */
  visit(dwelling, note) {
    return this.run("visit", "add", dwelling, "--outcome", "met", "--note", note);
  }

  rewrite(visit, note) {
    return this.run("visit", "edit", visit.id, "--note", note);
  }

  sync() {
    return this.run("sync");
  }

  show(record) {
    return this.run("show", record.id);
  }
}
