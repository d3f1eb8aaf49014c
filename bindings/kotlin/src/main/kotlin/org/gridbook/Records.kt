package org.gridbook

import kotlinx.coroutines.flow.Flow

/** Records of any kind: search, history, conflicts, withdrawing, receipts. */
public class Records internal constructor(private val bridge: Bridge) {
    /** A record of any kind, as on its own page: numbers masked unless the person wrote it. */
    public suspend fun get(id: RecordId): AnyRecord = bridge.call { record(id) }

    /** A record, again after every change. */
    public fun watch(id: RecordId): Flow<AnyRecord> = bridge.watch { record(id) }

    /** How far a record has travelled (在手机 / 已到服务器 / 已阅), again whenever a receipt or a mark comes. */
    public fun receipts(id: RecordId): Flow<Standing> = bridge.watch { standing(id) }

    /** The fields of a record whose numbers are masked on its page and that [reveal] shows to this person. */
    public suspend fun maskedFields(id: RecordId): List<String> = bridge.call { maskedFields(id) }

    /**
     * What a field with masked numbers says as it was written, the value shown for now last where it holds two. Who asked,
     * when and why is kept first, and goes to the server. The dictionary `reveal_reason` has presets for [reason].
     */
    public suspend fun reveal(id: RecordId, field: String, reason: String): List<String> =
        bridge.call { reveal(id, field, reason) }

    /** A page of records whose text holds every word of [text], the latest arrived first, numbers masked. */
    public suspend fun search(text: String, after: Cursor? = null, most: UInt = PAGE): RecordPage =
        bridge.call { search(text, after, most) }

    /** The record or draft that a person names by an id or the end of it. */
    public suspend fun find(text: String): RecordId = bridge.call { find(text) }

    /** Withdraws a record; it stays, struck through, with who, when and why. */
    public suspend fun void(id: RecordId, reason: String): AnyRecord = bridge.call { voidRecord(id, reason) }

    /** A record's history field by field. */
    public suspend fun history(id: RecordId): List<HistoryStep> = bridge.call { history(id) }

    /** All fields on this phone that hold two values. */
    public suspend fun conflicts(): List<OpenConflict> = bridge.call { conflicts() }

    /** The fields of one record that hold two values. */
    public suspend fun conflicts(id: RecordId): List<OpenConflict> = bridge.call { conflictsIn(id) }

    /** All open conflicts, again after every change. */
    public fun watchConflicts(): Flow<List<OpenConflict>> = bridge.watch { conflicts() }

    /** Chooses a field's value: the conflict is closed on every phone that hears of it. */
    public suspend fun choose(id: RecordId, field: String, value: FieldValue): AnyRecord =
        bridge.call { choose(id, field, value) }

    /** At most [most] records with a change that has no receipt yet (在手机), the latest written first. */
    public suspend fun onPhone(most: UInt = PAGE): List<AnyRecord> = bridge.call { onPhone(most) }

    /** Records with a change that the server refused; [refusals] says why. */
    public suspend fun refused(): List<AnyRecord> = bridge.call { refusedRecords() }

    /** Why the server refused changes of a record, as codes. */
    public suspend fun refusals(id: RecordId): List<String> = bridge.call { refusals(id) }

    /** Submits a refused record again, after its cause was seen to. */
    public suspend fun rescue(id: RecordId): AnyRecord = bridge.call { rescue(id) }

    /** What was erased for good, latest first. */
    public suspend fun erasures(): List<Erasure> = bridge.call { erasures() }

    /** What was handed over to or from this phone's scopes, latest first: the receipt of both workers. */
    public suspend fun handOvers(): List<HandOver> = bridge.call { handOvers() }

    /** A record's document in automerge's own format, for its author alone. */
    public suspend fun export(id: RecordId): ByteArray = bridge.call { exportRecord(id) }
}
