package org.gridbook.screens

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.map
import org.gridbook.AnyRecord
import org.gridbook.FieldChange
import org.gridbook.FieldValue
import org.gridbook.Instant
import org.gridbook.Mark
import org.gridbook.OpenConflict
import org.gridbook.RecordAction
import org.gridbook.RecordId
import org.gridbook.Standing
import org.gridbook.Workbook

/**
 * One record's page.
 *
 * @property loading nothing is known yet.
 * @property record the record; null until it is loaded.
 * @property standing how far it has travelled, in words.
 * @property history what happened to it, earliest first.
 * @property conflicts fields that hold two values until a person chooses.
 * @property reviews what leads said of it, latest first.
 * @property refusals why the server did not take a change of it.
 * @property masked fields with a masked number that [RecordEvent.Reveal] shows.
 * @property revealed what the last [RecordEvent.Reveal] showed; the next event takes it away.
 * @property permitted what the person may do with it: offer nothing else.
 * @property notice what needs the person: it was returned, or withdrawn.
 * @property message what came of the last event.
 * @property problem what went wrong with the last event, until the next one.
 */
public data class RecordState(
    public val loading: Boolean = true,
    public val record: AnyRecord? = null,
    public val standing: Message? = null,
    public val history: List<HistoryLine> = emptyList(),
    public val conflicts: List<ConflictLine> = emptyList(),
    public val reviews: List<ReviewLine> = emptyList(),
    public val refusals: List<Message> = emptyList(),
    public val masked: List<String> = emptyList(),
    public val revealed: Revealed? = null,
    public val permitted: Set<RecordAction> = emptySet(),
    public val notice: Message? = null,
    public val message: Message? = null,
    public val problem: Problem? = null,
)

/**
 * One change of a record: who, when, what. The person is null where this phone does not know them.
 *
 * @property person who made it.
 * @property at when, by their clock.
 * @property changes what it changed, field by field.
 */
public data class HistoryLine(
    public val person: String?,
    public val at: Instant,
    public val changes: List<FieldChange>,
)

/** A field that holds two values, the one shown for now last. */
public data class ConflictLine(public val field: String, public val choices: List<ChoiceLine>)

/** One of the values, who wrote it and when. */
public data class ChoiceLine(public val value: FieldValue, public val person: String?, public val at: Instant)

/**
 * A field's masked number as it was written; both values where the field holds two.
 *
 * @property field the field's path.
 * @property values what it says, for the screen alone.
 */
public data class Revealed(public val field: String, public val values: List<String>) {
    /** Without the values, which are for the screen alone. */
    override fun toString(): String = "Revealed(field=$`field`)"
}

/**
 * What a lead said of a record.
 *
 * @property id the review.
 * @property person the lead.
 * @property mark the mark.
 * @property note what the lead says.
 * @property at when, by their clock.
 * @property standing how far the review has travelled.
 */
public data class ReviewLine(
    public val id: RecordId,
    public val person: String?,
    public val mark: Mark?,
    public val note: String,
    public val at: Instant,
    public val standing: Standing,
)

/** What a person does on a record's page. To answer a lead, open the record's form and edit. */
public sealed interface RecordEvent {
    /** Choose one of a field's values. */
    public data class Choose(public val field: String, public val value: FieldValue) : RecordEvent

    /** Withdraw the record. */
    public data class Void(public val reason: String) : RecordEvent

    /** Show a masked number, for a reason that is kept; an entry of the dictionary `reveal_reason`, or one's own words. */
    public data class Reveal(public val field: String, public val reason: String) : RecordEvent

    /** Take the number that was shown off the screen. */
    public data object Hide : RecordEvent

    /** Submit what was refused again, after its cause was seen to. */
    public data object Rescue : RecordEvent

    /** As a lead: mark the record as it is now. */
    public data class Review(public val mark: Mark, public val note: String) : RecordEvent
}

/** Record: history, conflicts with their choice, the thread with the lead. */
public class RecordPresenter(
    private val workbook: Workbook,
    scope: CoroutineScope,
    private val id: RecordId,
) : ScreenPresenter<RecordState, RecordEvent>(scope, RecordState()) {

    init {
        // The record's own row moves with its edits and receipts, the thread with reviews.
        watch(workbook.records.watch(id)) { record -> recordShown(record) }
        watch(workbook.people.watchGrants()) {
            state.value.record?.let { record ->
                val permitted = permitted(record)
                show { it.copy(permitted = permitted) }
            }
        }
        watch(workbook.reviews.watch(id).map { reviews -> reviews to workbook.people.directory() }) { thread ->
            val (reviews, directory) = thread
            val lines = reviews.map {
                ReviewLine(
                    it.id,
                    directory.nameOf(it.header.author),
                    it.content.mark,
                    it.content.note,
                    it.header.occurredAt,
                    it.standing,
                )
            }
            show { it.copy(reviews = lines) }
        }
    }

    override fun saying(state: RecordState, problem: Problem?): RecordState = state.copy(problem = problem)

    override fun handle(event: RecordEvent) {
        show { it.copy(message = null, revealed = null) }
        inTurn {
            when (event) {
                is RecordEvent.Choose -> done(Keys.CONFLICT_CHOSEN) {
                    workbook.records.choose(id, event.field, event.value)
                }
                is RecordEvent.Void -> done(Keys.RECORD_VOIDED) { workbook.records.void(id, event.reason) }
                is RecordEvent.Reveal -> {
                    val values = workbook.records.reveal(id, event.field, event.reason)
                    show { it.copy(revealed = Revealed(event.field, values)) }
                }
                RecordEvent.Hide -> Unit
                RecordEvent.Rescue -> done(Keys.RESCUED) { workbook.records.rescue(id) }
                is RecordEvent.Review -> done(Keys.SAVED) { workbook.reviews.mark(id, event.mark, event.note) }
            }
        }
    }

    private suspend fun done(key: String, work: suspend () -> Unit) {
        work()
        show { it.copy(message = Message(key)) }
    }

    private suspend fun recordShown(record: AnyRecord) {
        val directory = workbook.people.directory()
        val history = workbook.records.history(id).map { HistoryLine(directory.nameOf(it.person), it.at, it.changes) }
        val conflicts = workbook.records.conflicts(id).map { conflict -> conflict.line { directory.nameOf(it) } }
        val masked = workbook.records.maskedFields(id)
        val refusals = workbook.records.refusals(id).map { Message("$REFUSAL.$it") }
        val permitted = permitted(record)
        val notice = when {
            record.header.voided != null -> Message(Keys.RECORD_VOIDED)
            record.standing == Standing.Reviewed(Mark.RETURNED) -> Message(Keys.RETURNED)
            else -> null
        }
        show {
            it.copy(
                loading = false,
                record = record,
                standing = record.standing.named(),
                history = history,
                conflicts = conflicts,
                refusals = refusals,
                masked = masked,
                permitted = permitted,
                notice = notice,
            )
        }
    }

    private suspend fun permitted(record: AnyRecord) = workbook.people.permitted(record.scope, record.header.kind)

    private fun OpenConflict.line(name: (String?) -> String?) =
        ConflictLine(`field`, candidates.map { ChoiceLine(it.value, name(it.person), it.at) })
}
