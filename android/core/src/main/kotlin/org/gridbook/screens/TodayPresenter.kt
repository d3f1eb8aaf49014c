package org.gridbook.screens

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.filterNotNull
import kotlinx.coroutines.flow.flatMapLatest
import org.gridbook.Content
import org.gridbook.Day
import org.gridbook.Draft
import org.gridbook.DueWalk
import org.gridbook.GridbookException
import org.gridbook.Headline
import org.gridbook.Instant
import org.gridbook.Kind
import org.gridbook.OpenItem
import org.gridbook.Phase
import org.gridbook.PhoneStatus
import org.gridbook.RecordId
import org.gridbook.SyncProgress
import org.gridbook.Workbook
import org.gridbook.editsExisting
import org.gridbook.writeDwelling

/**
 * The morning's page.
 *
 * @property loading nothing is known yet.
 * @property day today in the community's zone.
 * @property due households that want a visit, in walking order.
 * @property moreDue there are more than [due] shows: send [TodayEvent.More].
 * @property noneDue says so where [due] is empty.
 * @property drafts what was begun and not saved, the latest touched first.
 * @property tasks items of the task groups' lists that wait for this person.
 * @property noTasks says so where [tasks] is empty.
 * @property sync how the phone stands towards its server.
 * @property problem what went wrong with the last event, until the next one.
 */
public data class TodayState(
    public val loading: Boolean = true,
    public val day: Day? = null,
    public val due: List<DueLine> = emptyList(),
    public val moreDue: Boolean = false,
    public val noneDue: Message? = null,
    public val drafts: List<DraftLine> = emptyList(),
    public val tasks: List<OpenItem> = emptyList(),
    public val noTasks: Message? = null,
    public val sync: SyncSummary? = null,
    public val problem: Problem? = null,
)

/**
 * A household that wants a visit: where, of which class, since when and why.
 *
 * @property household the household.
 * @property dwelling its address as it is written.
 * @property visitClass the code of its class.
 * @property since the day from which it is due.
 * @property reason why it is due.
 */
public data class DueLine(
    public val household: RecordId,
    public val dwelling: String,
    public val visitClass: String,
    public val since: Day,
    public val reason: Message,
)

/**
 * Something begun and not saved. [about] is what it is about, as far as the draft says.
 *
 * @property id the draft.
 * @property kind the kind of record.
 * @property editsExisting it edits a record that exists.
 * @property updated when it was last touched.
 */
public data class DraftLine(
    public val id: RecordId,
    public val kind: Kind,
    public val editsExisting: Boolean,
    public val updated: Instant,
    public val about: String,
)

/**
 * How the phone stands towards its server, in one line.
 *
 * @property phase whether the workbook can be worked with.
 * @property unsent changes without a receipt.
 * @property refused records with a change that the server refused.
 * @property conflicts records with two values in a field.
 * @property progress how far the exchange is that is under way.
 * @property message what needs the person first.
 */
public data class SyncSummary(
    public val phase: Phase,
    public val unsent: ULong,
    public val refused: ULong,
    public val conflicts: ULong,
    public val progress: SyncProgress?,
    public val message: Message,
)

/** What a person does on the morning's page. */
public sealed interface TodayEvent {
    /** The app came to the front: it may be another day. */
    public data object Refresh : TodayEvent

    /** Show more households. */
    public data object More : TodayEvent

    /** Tick an item of a list. */
    public data class Tick(public val checklist: RecordId, public val item: String) : TodayEvent
}

/** Today: due households in walking order, drafts, tasks, how the phone stands. */
public class TodayPresenter(private val workbook: Workbook, scope: CoroutineScope) :
    ScreenPresenter<TodayState, TodayEvent>(scope, TodayState()) {

    // What the list is asked for: the day, and how many households.
    private data class Asked(val day: Day, val most: UInt)

    private val asked = MutableStateFlow<Asked?>(null)

    init {
        refresh()
        @OptIn(ExperimentalCoroutinesApi::class)
        watch(asked.filterNotNull().flatMapLatest { workbook.households.watchDue(it.day, it.most) }) { due(it) }
        @OptIn(ExperimentalCoroutinesApi::class)
        watch(asked.filterNotNull().flatMapLatest { workbook.checklists.watchOpenItems(it.day) }) { open ->
            show { it.copy(tasks = open, noTasks = if (open.isEmpty()) Message(Keys.NO_TASKS) else null) }
        }
        watch(workbook.drafts.watch()) { drafts ->
            val lines = drafts.map { line(it) }
            show { it.copy(drafts = lines) }
        }
        watch(workbook.server.watchStatus()) { status -> show { it.copy(sync = summary(status, it.sync?.progress)) } }
        watch(workbook.server.progress) { progress ->
            show { it.copy(sync = it.sync?.copy(progress = progress)) }
        }
    }

    override fun saying(state: TodayState, problem: Problem?): TodayState = state.copy(problem = problem)

    override fun handle(event: TodayEvent) {
        when (event) {
            TodayEvent.Refresh -> refresh()
            TodayEvent.More -> asked.value?.let { asked.value = it.copy(most = it.most + PAGE) }
            is TodayEvent.Tick -> inTurn { workbook.checklists.tick(event.checklist, event.item) }
        }
    }

    private fun refresh() = inTurn {
        val today = workbook.diary.today()
        if (asked.value?.day != today) asked.value = Asked(today, PAGE)
    }

    private fun due(due: DueWalk) {
        val lines = due.items.map { (household, due) ->
            val dwelling = household.content.dwelling?.let { writeDwelling(it) }.orEmpty()
            DueLine(household.id, dwelling, household.content.`class`, due.day, due.reason.named())
        }
        val asked = asked.value ?: return
        show {
            it.copy(
                loading = false,
                day = asked.day,
                due = lines,
                moreDue = due.next != null,
                noneDue = if (lines.isEmpty()) Message(Keys.NO_HOUSEHOLDS_DUE) else null,
            )
        }
    }

    private suspend fun line(draft: Draft): DraftLine {
        val about = when (val content = draft.content) {
            is Content.Visit -> dwelling(content.v1.household)
            is Content.Household -> content.v1.dwelling?.let { writeDwelling(it) }.orEmpty()
            is Content.Diary -> content.v1.text
            is Content.Outreach -> content.v1.place.ifEmpty { content.v1.building }
            is Content.Checklist -> content.v1.title
            is Content.Template -> content.v1.title
            is Content.Review -> content.v1.note
            null -> ""
        }
        return DraftLine(draft.id, draft.kind, draft.editsExisting, draft.updated, about)
    }

    private suspend fun dwelling(household: RecordId): String = try {
        workbook.households.get(household).content.dwelling?.let { writeDwelling(it) }.orEmpty()
    } catch (_: GridbookException.NotFound) {
        // It went to another grid since.
        ""
    }

    private fun summary(status: PhoneStatus, progress: SyncProgress?) =
        SyncSummary(status.phase, status.unsent, status.refused, status.conflicts, progress, status.said())

    private companion object {
        /** Three days' walks. */
        const val PAGE = 60u
    }
}

/** What screens say of how a phone stands where there is one line for it; what comes first is the core's to say. */
internal fun PhoneStatus.said(): Message = when (headline) {
    Headline.WIPED, Headline.WITHDRAWN -> phase.named()
    Headline.NOT_ENROLLED -> Message(Keys.NOT_ENROLLED)
    Headline.JOINING -> Message(Keys.JOINING)
    Headline.REFUSED -> Message(Keys.SYNC_REFUSED)
    Headline.WAITING -> Message(Keys.WAITING, "n" to unsent)
    Headline.NOTHING_WAITS -> Message(Keys.NOTHING_WAITS)
}
