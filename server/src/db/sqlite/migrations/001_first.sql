CREATE TABLE server (
    -- One row.
    only INTEGER PRIMARY KEY CHECK (only = 1),
    -- 32 hexadecimal digits that name this server.
    id TEXT NOT NULL,
    -- The HMAC key of every seal. A backup carries it, so that seals given before still hold after a restore.
    seal_key BLOB NOT NULL CHECK (length(seal_key) = 32),
    -- ed25519: signs mandates, terms, revocations and receipts. Its public half is part of every invitation.
    signing_key BLOB NOT NULL CHECK (length(signing_key) = 32),
    -- X25519: opens what phones seal to this server.
    box_key BLOB NOT NULL CHECK (length(box_key) = 32),
    -- The communities' zone, in minutes east of Greenwich.
    zone_minutes INTEGER NOT NULL,
    -- Raised by every edit of what the directory shows, and of what permission depends on. At least the
    -- time of the edit in milliseconds, so that no value comes twice after a backup was put back.
    directory INTEGER NOT NULL,
    access INTEGER NOT NULL,
    -- 1: records were erased since the file was last written anew, so their bytes may still be in free pages.
    unscrubbed INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE scope (
    id TEXT PRIMARY KEY,
    -- community, grid or task_group.
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    -- The community of a grid or task group.
    parent TEXT REFERENCES scope
) STRICT, WITHOUT ROWID;
CREATE INDEX scope_parent ON scope (parent);

CREATE TABLE scope_head (
    -- The row whose lock orders a scope's log.
    scope TEXT PRIMARY KEY REFERENCES scope,
    seq INTEGER NOT NULL,
    chain BLOB NOT NULL CHECK (length(chain) = 16)
) STRICT, WITHOUT ROWID;

CREATE TABLE person (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE grant_ (
    n INTEGER PRIMARY KEY,
    person TEXT NOT NULL REFERENCES person,
    scope TEXT NOT NULL REFERENCES scope,
    role TEXT NOT NULL,
    -- Server time in milliseconds, as everywhere.
    since INTEGER NOT NULL,
    -- NULL while it holds. Ended grants stay: the directory names whoever wrote something earlier.
    revoked INTEGER
) STRICT;
CREATE UNIQUE INDEX grant_holding ON grant_ (person, scope, role) WHERE revoked IS NULL;
CREATE INDEX grant_scope ON grant_ (scope);

CREATE TABLE invite (
    -- SHA-256 of the secret.
    hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
    person TEXT NOT NULL REFERENCES person,
    expires INTEGER NOT NULL,
    -- NULL until a device uses it, which it can once.
    used_by TEXT REFERENCES device,
    -- The device that is revoked when this is used: a phone that was lost or handed back.
    replaces TEXT REFERENCES device,
    -- NULL while it holds.
    revoked INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE device (
    id TEXT PRIMARY KEY,
    person TEXT NOT NULL REFERENCES person,
    -- ed25519 (32 bytes), or p256 (33 bytes, a compressed point).
    algorithm TEXT NOT NULL,
    key BLOB NOT NULL CHECK (length(key) = CASE algorithm WHEN 'ed25519' THEN 32 WHEN 'p256' THEN 33 END),
    label TEXT NOT NULL,
    enrolled INTEGER NOT NULL,
    revoked INTEGER,
    -- When the administrator last let it open its locked data.
    released INTEGER,
    -- When it was last in touch, to the hour: who needs help, and no more.
    synced INTEGER,
    -- What it told then, NULL where it did not: the version of its app, and how many of its changes stayed on it.
    app TEXT,
    unsent INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE console_account (
    -- Who may log in to the console, and as which device it writes for them.
    person TEXT PRIMARY KEY REFERENCES person,
    -- What argon2id makes of the password, with its salt and its cost.
    verifier BLOB NOT NULL,
    device TEXT NOT NULL REFERENCES device,
    -- The second factor's secret, sealed with a key that is not in this database. NULL for none.
    factor BLOB,
    -- The step of the last code that was used: none counts twice.
    factor_step INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE console_session (
    -- SHA-256 of the secret in the cookie.
    hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
    person TEXT NOT NULL REFERENCES person,
    began INTEGER NOT NULL,
    -- When a person last asked for something; what a page asks for by itself does not count.
    seen INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX console_session_person ON console_session (person);

CREATE TABLE console_attempt (
    -- Logins that are counted: SHA-256 of what they are counted by.
    subject BLOB PRIMARY KEY CHECK (length(subject) = 32),
    failures INTEGER NOT NULL,
    last INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX console_attempt_last ON console_attempt (last);

CREATE TABLE parcel (
    -- The lead's box: what revoked phones had not sent.
    n INTEGER PRIMARY KEY,
    device TEXT NOT NULL REFERENCES device,
    person TEXT NOT NULL REFERENCES person,
    -- SHA-256 of the sealed bytes.
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    at INTEGER NOT NULL,
    -- When a lead let it through the gate, if so.
    accepted INTEGER,
    -- Sealed to this server's box_key.
    bytes BLOB NOT NULL,
    UNIQUE (device, digest)
) STRICT;

CREATE TABLE actor (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    person TEXT NOT NULL REFERENCES person,
    -- NULL for changes that the server wrote itself.
    device TEXT REFERENCES device
) STRICT, WITHOUT ROWID;
CREATE INDEX actor_device ON actor (device);

CREATE TABLE token (
    -- SHA-256 of the secret.
    hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
    person TEXT NOT NULL REFERENCES person,
    label TEXT NOT NULL,
    expires INTEGER NOT NULL,
    revoked INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE lease (
    -- Only communities whose hours differ from the default.
    community TEXT PRIMARY KEY REFERENCES scope,
    -- Hours without contact after which phones lock their data.
    hours INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE rhythm (
    -- Only classes whose days differ from the dictionary's.
    class TEXT PRIMARY KEY,
    days INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE retention (
    -- Only where a community keeps a kind longer or shorter than the default. 0: until it is erased.
    community TEXT NOT NULL REFERENCES scope,
    kind INTEGER NOT NULL,
    days INTEGER NOT NULL,
    PRIMARY KEY (community, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE record (
    n INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    kind INTEGER NOT NULL,
    scope TEXT NOT NULL REFERENCES scope,
    grid TEXT,
    author TEXT NOT NULL,
    -- How many changes the document consists of: what an append compares before it adds to them.
    changes INTEGER NOT NULL,
    -- Days since 0001-01-01, which is day 1, in the communities' zone.
    day INTEGER NOT NULL,
    occurred_at INTEGER NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    voided INTEGER NOT NULL,
    conflicts INTEGER NOT NULL,
    building TEXT,
    subject BLOB,
    -- Which version this is, as reviews name it.
    fingerprint TEXT NOT NULL,
    -- Header and content, as the core projects them.
    json TEXT NOT NULL,
    -- When the server took its latest change.
    received INTEGER NOT NULL DEFAULT 0,
    -- Where it stands between its author and the leads, as the core numbers it; of no meaning for a review.
    reading INTEGER NOT NULL DEFAULT 0,
    -- A household's walking order, the day from which it wants a visit with the reason, and the day of its latest
    -- visit: as the core finds them. NULL for all other kinds.
    place TEXT,
    due INTEGER,
    due_why TEXT,
    visited INTEGER,
    -- How often it was handed over to another scope.
    moves INTEGER NOT NULL DEFAULT 0,
    -- When it was erased for good; then id, kind and scope are all that is left, so that it stays refused.
    erased INTEGER
) STRICT;
-- With `erased` at their end these three answer a count without a look at the records.
CREATE INDEX record_day ON record (scope, kind, day, occurred_at, id, erased);
CREATE INDEX record_received ON record (scope, kind, received, erased);
CREATE INDEX record_reading ON record (scope, kind, reading, day, occurred_at, id, erased) WHERE voided = 0;
CREATE INDEX record_conflicts ON record (scope, kind, day, occurred_at, id) WHERE conflicts > 0;
CREATE INDEX record_subject ON record (subject, kind, occurred_at) WHERE subject IS NOT NULL;
-- Lists by the end of their period: those in view are found however many are past.
CREATE INDEX record_ends ON record (scope, coalesce(json_extract(json, '$.ends'), '9999-12-31'))
    WHERE kind = 5 AND erased IS NULL;
-- Households as one walks them, with all that a list of them asks for.
CREATE INDEX record_place ON record (scope, place, id, due, due_why, visited, building)
    WHERE place IS NOT NULL AND voided = 0;
-- Which households were visited when.
CREATE INDEX record_visits ON record (scope, day, subject) WHERE kind = 2 AND voided = 0 AND subject IS NOT NULL;

CREATE TABLE tag (
    -- What records say in codes, to count them and to find them by: of each field that pages count, every code.
    -- Records that were withdrawn have none.
    scope TEXT NOT NULL,
    field TEXT NOT NULL,
    code TEXT NOT NULL,
    day INTEGER NOT NULL,
    record INTEGER NOT NULL REFERENCES record,
    -- What it adds up to: people reached, items of a list; 0 where there is nothing to add.
    amount INTEGER NOT NULL,
    PRIMARY KEY (scope, field, code, day, record)
) STRICT, WITHOUT ROWID;

CREATE TABLE figure (
    -- Numbers of a month that others counted: last year's, or the police's. Imported by the administrator.
    scope TEXT NOT NULL REFERENCES scope,
    -- The month's first day.
    month INTEGER NOT NULL,
    -- A code of the diary's categories or of the hazards, or any other name.
    name TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (scope, month, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE change_ (
    n INTEGER PRIMARY KEY,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    record INTEGER NOT NULL REFERENCES record,
    actor BLOB NOT NULL,
    -- NULL where it is not known: the server's own, or given back by another device after a restore.
    device TEXT REFERENCES device,
    received INTEGER NOT NULL,
    -- Empty once the record was erased; the server's own notice of it stands here too.
    bytes BLOB NOT NULL,
    -- Two records may begin with the very same change: the same words in the same millisecond.
    UNIQUE (hash, record)
) STRICT;
CREATE INDEX change_record ON change_ (record);

CREATE TABLE entry (
    -- A scope's log, apart from the changes, because a hand-over lists a record's changes again elsewhere.
    scope TEXT NOT NULL REFERENCES scope,
    seq INTEGER NOT NULL,
    change INTEGER NOT NULL REFERENCES change_,
    -- The record's moves when its change was listed: a page gives the bytes where that is the scope in which it
    -- lives now, and otherwise the name alone. -1: it lived elsewhere already. NULL: a notice.
    stay INTEGER,
    -- The chain after this entry.
    chain BLOB NOT NULL CHECK (length(chain) = 16),
    PRIMARY KEY (scope, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX entry_change ON entry (change);

CREATE TABLE quarantine (
    n INTEGER PRIMARY KEY,
    -- SHA-256 of the bytes.
    digest BLOB NOT NULL,
    record BLOB NOT NULL,
    scope TEXT,
    device TEXT NOT NULL,
    reason TEXT NOT NULL,
    at INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    UNIQUE (digest, record, device, reason)
) STRICT;
CREATE INDEX quarantine_device ON quarantine (device);

CREATE TABLE audit (
    -- Who looked at, revealed, exported, granted, took back and erased what. Rows are added and never changed.
    n INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    -- NULL for a command on the server's own machine.
    who TEXT,
    act TEXT NOT NULL,
    -- The records' ids, 16 bytes each.
    records BLOB NOT NULL,
    detail TEXT NOT NULL,
    -- SHA-256 over the hash of the row before and this row.
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE TABLE audit_record (
    -- Which rows of the audit log name a record: an index, nothing that proves anything.
    record BLOB NOT NULL CHECK (length(record) = 16),
    n INTEGER NOT NULL,
    PRIMARY KEY (record, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_reveal (
    -- Reveals on phones that are in the audit log: what is sent again is not written again.
    id BLOB PRIMARY KEY CHECK (length(id) = 16)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_head (
    -- One row: where the audit log ends, sealed with the server's key.
    only INTEGER PRIMARY KEY CHECK (only = 1),
    n INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    seal BLOB NOT NULL
) STRICT;
