// Opens a document that the core saved with the official JavaScript implementation of automerge, and
// prints what it sees as one line of JSON: its root, its heads, and the fields that hold two values.
// `tests/tests/automerge_js.rs` calls it and compares: node open.mjs FILE
import { readFileSync } from "node:fs";
import * as Automerge from "@automerge/automerge";

const [file] = process.argv.slice(2);
if (file === undefined) {
  console.error("usage: node open.mjs FILE");
  process.exit(2);
}

// Text arrives as a string, a scalar string as an ImmutableString: both are just words here.
const plain = (value) => (Automerge.isImmutableString(value) ? value.toString() : value);
const document = Automerge.load(new Uint8Array(readFileSync(file)));
const root = {};
const conflicts = {};
for (const field of Object.keys(document)) {
  root[field] = plain(document[field]);
  const kept = Automerge.getConflicts(document, field);
  if (kept !== undefined) {
    conflicts[field] = Object.values(kept).map(plain);
  }
}
console.log(JSON.stringify({ root, heads: Automerge.getHeads(document), conflicts }));
