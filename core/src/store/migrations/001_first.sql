-- Schema 1, 2026-11: the first.

CREATE TABLE meta (
    -- What the phone must remember about itself; values are JSON.
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE scope (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    -- The cursor: last sequence number held and the chain there.
    seq INTEGER NOT NULL DEFAULT 0,
    chain BLOB NOT NULL DEFAULT (zeroblob(16))
);

CREATE TABLE record (
    -- Arrival on this phone; integer keys, because random ones thrash under encryption.
    n INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    kind INTEGER NOT NULL,
    scope INTEGER NOT NULL REFERENCES scope (n),
    author TEXT NOT NULL,
    -- The calendar day it belongs to, counted from 0001-01-01.
    day INTEGER NOT NULL,
    occurred_at INTEGER NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    -- The record this one is about: a visit's household, a review's record.
    subject BLOB,
    -- Households: sorts in walking order.
    place TEXT,
    building TEXT,
    voided INTEGER NOT NULL DEFAULT 0,
    conflicts INTEGER NOT NULL DEFAULT 0,
    -- Changes without a receipt, and those that the server refused. Others' changes lack one only after
    -- the server was restored, until it holds them again.
    unsent INTEGER NOT NULL DEFAULT 0,
    refused INTEGER NOT NULL DEFAULT 0,
    -- The latest review's mark and the version it covers, as "mark fingerprint".
    reviewed TEXT,
    -- How often it had been handed over when it came to the scope where it lives.
    moves INTEGER NOT NULL DEFAULT 0,
    -- Heads of the document, 32 bytes each.
    heads BLOB NOT NULL,
    -- Header and content, projected from the document.
    json TEXT NOT NULL
);
CREATE INDEX record_by_day ON record (kind, day);
CREATE INDEX record_by_subject ON record (subject, kind, occurred_at) WHERE subject IS NOT NULL;
CREATE INDEX record_by_place ON record (place) WHERE place IS NOT NULL;
CREATE INDEX record_in_conflict ON record (n) WHERE conflicts > 0;
CREATE INDEX record_refused ON record (n) WHERE refused > 0;
-- Lists by the end of their period: those in view are found however many are past.
CREATE INDEX record_by_end ON record (coalesce(json_extract(json, '$.ends'), '9999-12-31')) WHERE kind = 5;

CREATE TABLE change (
    n INTEGER PRIMARY KEY,
    -- 0: a notice, or the name of a change whose record was erased or lives elsewhere. -1: a change of a record
    -- that was handed over and is here no more; kept for a while, should its server be restored.
    record INTEGER NOT NULL,
    -- Record id and scope once more, so that a change can be salvaged when its record's row cannot.
    id BLOB NOT NULL,
    scope INTEGER NOT NULL,
    hash BLOB NOT NULL,
    -- 1: written on this phone, and to be sent by it.
    own INTEGER NOT NULL,
    -- Its place in the scope's log: the receipt. NULL until the server has said so.
    seq INTEGER,
    -- Why the server refused it, if it did.
    refusal TEXT,
    bytes BLOB NOT NULL
);
CREATE INDEX change_of_record ON change (record);
CREATE INDEX change_unsent ON change (n) WHERE seq IS NULL AND own = 1 AND refusal IS NULL;
CREATE INDEX change_unplaced ON change (hash) WHERE seq IS NULL;

CREATE TABLE checkpoint (
    -- Places in a scope's log that the server sealed: with them a restored server can be healed.
    scope INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    chain BLOB NOT NULL,
    seal BLOB NOT NULL,
    PRIMARY KEY (scope, seq)
) WITHOUT ROWID;

CREATE TABLE past (
    -- Runs of a scope's log between two sealed places that the server lost and was given back: kept until new
    -- pages cover their changes, so that a second restoration can be healed as well.
    n INTEGER PRIMARY KEY,
    scope INTEGER NOT NULL,
    -- NULL where it begins with the log.
    from_seq INTEGER,
    from_chain BLOB,
    from_seal BLOB,
    seq INTEGER NOT NULL,
    chain BLOB NOT NULL,
    seal BLOB NOT NULL,
    -- 32 bytes each, in order.
    hashes BLOB NOT NULL,
    UNIQUE (scope, seq, chain)
);

CREATE TABLE draft (
    n INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    kind INTEGER NOT NULL,
    -- The record it edits, if it is not a new one, and the heads of its document that the one who edits has seen.
    record BLOB,
    version BLOB,
    -- Of a new record: the grid that was chosen for it, and when what it tells of happened.
    grid TEXT,
    occurred_at INTEGER,
    updated INTEGER NOT NULL,
    -- What has been entered so far; may break every rule.
    json TEXT NOT NULL
);

CREATE TABLE reveal (
    -- Masked numbers that were shown whole on this phone, written down before they were: for the server's audit log.
    n INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    record BLOB NOT NULL,
    field TEXT NOT NULL,
    at INTEGER NOT NULL,
    -- Numbers masked.
    reason TEXT NOT NULL,
    -- 1: the server has it. The latest of these are kept, should it be restored.
    sent INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX reveal_unsent ON reveal (n) WHERE sent = 0;

CREATE TABLE erasure (
    -- Records that were erased for good: that, when and why, for the person whose phone this is.
    id BLOB PRIMARY KEY,
    kind INTEGER NOT NULL,
    at INTEGER NOT NULL,
    why TEXT NOT NULL,
    -- Changes of this phone that the server had not taken and that went with it.
    lost INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE hand_over (
    -- Records that were handed from one scope to another, as the logs of these scopes tell it.
    id BLOB NOT NULL,
    -- How often the record had been handed over, with this time.
    number INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    from_scope TEXT NOT NULL,
    to_scope TEXT NOT NULL,
    at INTEGER NOT NULL,
    why TEXT NOT NULL,
    -- 1: it came to a scope whose log this phone holds.
    came INTEGER NOT NULL DEFAULT 0,
    -- 0: it did not leave this phone. 1: it does once nothing of it waits to be sent. 2: it has left. 3: and its
    -- changes are kept no longer.
    went INTEGER NOT NULL DEFAULT 0,
    -- Changes of this phone that the server refused; they are in quarantine.
    refused INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (id, number, to_scope)
) WITHOUT ROWID;
CREATE INDEX hand_over_pending ON hand_over (went) WHERE went IN (1, 2);

CREATE TABLE quarantine (
    -- Foreign changes that did not pass the gate, with their bytes.
    n INTEGER PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    id BLOB NOT NULL,
    scope TEXT NOT NULL,
    reason TEXT NOT NULL,
    at INTEGER NOT NULL,
    bytes BLOB NOT NULL
);

-- Bigrams are cut and lower-cased in Rust, so the plainest tokenizer does: it parts at spaces.
-- detail=none keeps the index at about half of the text it covers.
CREATE VIRTUAL TABLE search USING fts5 (
    grams, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii'
);
-- Segments are merged sixteen at a time: merging four, the default, cost a seventh of a first sync.
INSERT INTO search (search, rank) VALUES ('automerge', 16);
