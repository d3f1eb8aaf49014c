package org.gridbook

import kotlinx.coroutines.flow.Flow

/** Drafts: kept from the first keystroke, found again after the app was killed. */
public class Drafts internal constructor(private val bridge: Bridge) {
    /** Begins a draft of a new record; nothing is asked of its content. */
    public suspend fun begin(content: Content): Draft = told { beginDraft(content) }

    /** Begins a draft that edits a record, at the version that is handed in; one that is there already gives way. */
    public suspend fun edit(record: AnyRecord): Draft = told { beginEdit(record) }

    /** Keeps the present state of a draft. When it returns, a kill loses nothing. */
    public suspend fun keep(draft: Draft): Draft = told { keepDraft(draft) }

    /** All drafts, the latest touched first. */
    public suspend fun list(): List<Draft> = bridge.call { drafts() }

    /** All drafts, again after every change. */
    public fun watch(): Flow<List<Draft>> = bridge.watch(concerns = { true }) { drafts() }

    /**
     * The unfinished draft of a new record of [kind] about the record [subject] (a visit's household, an outreach's visit,
     * nothing for a diary entry), which a form goes on with; the latest touched if there are several.
     */
    public suspend fun begunFor(kind: Kind, subject: RecordId? = null): Draft? =
        bridge.call { begunDraft(kind, subject) }

    /** One draft, if it is still there. */
    public suspend fun get(id: RecordId): Draft? = bridge.call { draft(id) }

    /** Throws a draft away; true if there was one. */
    public suspend fun discard(id: RecordId): Boolean = told { discardDraft(id) }

    private suspend fun <T> told(work: WorkbookHandle.() -> T): T =
        bridge.call(work).also { bridge.tell(EditKind.DRAFT) }
}

/** True if it edits a record that exists: save it with that record's `edit`, at the draft's [version][Draft.version]. */
public val Draft.editsExisting: Boolean get() = version != null
