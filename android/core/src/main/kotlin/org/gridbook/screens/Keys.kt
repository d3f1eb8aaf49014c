package org.gridbook.screens

import org.gridbook.DueReason
import org.gridbook.Kind
import org.gridbook.Phase
import org.gridbook.Standing

/** The keys of `core/resources/words.toml` that presenters say by name. A test holds them to the table, both ways. */
internal object Keys {
    const val NO_TASKS = "app.no_tasks"
    const val NOTHING_WAITS = "app.nothing_waits"
    const val WAITING = "app.waiting"
    const val SCAN_INVITATION = "app.scan_invitation"
    const val JOINING = "app.joining"
    const val ENROLLED = "app.enrolled"
    const val SYNCED = "app.synced"
    const val HEALED = "app.healed"
    const val QUARANTINED = "app.quarantined"
    const val ON_SERVER = "app.on_server"
    const val NO_CONTACT = "app.no_contact"
    const val ERASED = "app.erased"
    const val HANDED_OVER = "app.handed_over"
    const val SCOPE_DROPPED = "app.scope_dropped"
    const val HANDED_IN = "app.handed_in"
    const val RESCUED = "app.rescued"
    const val SEARCH_HINT = "app.search_hint"
    const val UNREADABLE_DRAFT = "app.unreadable_draft"
    const val SOMEONE = "app.someone"

    const val NO_HOUSEHOLDS_DUE = "message.no_households_due"
    const val NO_RECORDS = "message.no_records"
    const val NO_RECORDS_TODAY = "message.no_records_today"
    const val NO_CHECKLISTS = "message.no_checklists"
    const val NOTHING_FOUND = "message.nothing_found"
    const val SAVED = "message.saved"
    const val CONFLICT_CHOSEN = "message.conflict_chosen"
    const val RETURNED = "message.returned"
    const val RECORD_VOIDED = "message.voided"
    const val DRAFT_FOUND = "message.draft_found"
    const val SYNC_REFUSED = "sync.refused"

    const val INVALID = "error.invalid"
    const val NOT_FOUND = "error.no_such_record"
    const val VOIDED = "error.voided"
    const val NOT_PERMITTED = "error.not_permitted"
    const val NOT_ENROLLED = "error.not_enrolled"
    const val WRONG_KEY = "error.wrong_key"
    const val NEWER_SCHEMA = "error.newer_schema"
    const val DISK_FULL = "error.disk_full"
    const val DAMAGED = "error.damaged"
    const val WITHDRAWN = "error.withdrawn"
    const val WIPED = "error.wiped"
    const val LEASE_OVER = "error.lease_over"
    const val PIN_LOCKED = "error.pin_locked"
    const val PIN_NEEDED = "error.pin_needed"
    const val PIN_WRONG = "error.pin_wrong"
    const val PIN_WAIT = "error.pin_wait"
    const val OFFLINE = "error.offline"
    const val REFUSED = "error.refused"
    const val CANCELLED = "error.cancelled"
    const val AMBIGUOUS = "error.ambiguous_id"
    const val UNEXPECTED = "error.unexpected"
    const val WAIT = "error.wait"
}

/** What screens call a kind of record. */
public fun Kind.named(): Message = Message("kind.${name.lowercase()}")

/** What screens say of how far a record has travelled. */
public fun Standing.named(): Message = when (this) {
    Standing.OnPhone -> Message("standing.on_phone")
    Standing.OnServer -> Message("standing.on_server")
    is Standing.Reviewed -> Message("standing.reviewed")
    Standing.Refused -> Message("standing.refused")
}

/** What screens say of why a household is due. */
public fun DueReason.named(): Message = Message("due_reason.${name.lowercase()}")

/** What screens say of how a phone stands. */
public fun Phase.named(): Message = Message("phase.${name.lowercase()}")
