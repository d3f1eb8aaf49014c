// The project's own programs as people run them: the server with its commands, and a phone in the terminal.
// `community.mjs` is made of these; `scripts/browser.sh` builds them.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** The repository. */
export const ROOT = new URL("../..", import.meta.url).pathname;
const TARGET = process.env.CARGO_TARGET_DIR ?? join(ROOT, "target");
/** Where screenshots go. */
export const SCREENSHOTS = join(TARGET, "screenshots");
const PROGRAMS = process.env.GRIDBOOK_PROGRAMS ?? join(TARGET, "debug");
export const SERVER = join(PROGRAMS, "gridbook-server");
export const PHONE = join(PROGRAMS, "examples", "phone");

/** Runs a command to its end and returns what it answers as JSON; `input` is piped in. */
export async function run(program, args, { input = "", env = {} } = {}) {
  const stdio = [input ? "pipe" : "ignore", "pipe", "pipe"];
  const child = spawn(program, ["--json", ...args], { env: { ...process.env, ...env }, stdio });
  child.stdin?.end(input);
  const [out, aside, code] = await Promise.all([all(child.stdout), all(child.stderr), ended(child)]);
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${code}: ${aside}`);
  return JSON.parse(out);
}

/** Starts a program that stays, and waits for the line in which `heard` finds what it is looking for. */
export async function start(program, args, heard) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  child.stderr.on("data", (text) => { log = (log + text).slice(-4_000); });
  for await (const line of createInterface({ input: child.stdout })) {
    const found = heard(line);
    if (found) {
      // What else it says must not fill the pipe.
      child.stdout.resume();
      return { found, stop: async () => { child.kill(); await ended(child); } };
    }
  }
  throw new Error(`${program} ${args.join(" ")} ended before it was ready: ${log}`);
}

async function all(stream) {
  let text = "";
  for await (const part of stream.setEncoding("utf8")) text += part;
  return text;
}

function ended(child) {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  return new Promise((done, failed) => child.once("exit", done).once("error", failed));
}
