package org.gridbook.screens

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.flatMapLatest
import org.gridbook.ChecklistPage
import org.gridbook.ChecklistRecord
import org.gridbook.Day
import org.gridbook.Directory
import org.gridbook.ItemProgress
import org.gridbook.PersonId
import org.gridbook.RecordId
import org.gridbook.Standing
import org.gridbook.Workbook
import org.gridbook.progress

/**
 * The task groups' lists, newest period first.
 *
 * @property loading nothing is known yet.
 * @property more there are more than [lists] shows: send [ChecklistsEvent.More].
 * @property empty says so where there are none.
 * @property problem what went wrong with the last event, until the next one.
 */
public data class ChecklistsState(
    public val loading: Boolean = true,
    public val lists: List<ChecklistLine> = emptyList(),
    public val more: Boolean = false,
    public val empty: Message? = null,
    public val problem: Problem? = null,
)

/**
 * One list: whose, for which days, and how far it is.
 *
 * @property id the list.
 * @property title what it is called.
 * @property group the task group's name.
 * @property starts the first day of its period.
 * @property ends the last day of its period.
 * @property items its items in order.
 * @property done how many of them are done.
 * @property standing how far its changes have travelled.
 */
public data class ChecklistLine(
    public val id: RecordId,
    public val title: String,
    public val group: String,
    public val starts: Day?,
    public val ends: Day?,
    public val items: List<ItemLine>,
    public val done: Int,
    public val standing: Standing,
)

/**
 * One item of a list.
 *
 * @property id the item, within its list.
 * @property title what to do.
 * @property due by when, where it has a day of its own.
 * @property needed how many people must tick it.
 * @property by who ticked it, earliest first; null for someone whom this phone does not know.
 * @property mine this person is among them.
 * @property done as many people have ticked it as must.
 */
public data class ItemLine(
    public val id: String,
    public val title: String,
    public val due: Day?,
    public val needed: UInt,
    public val by: List<String?>,
    public val mine: Boolean,
    public val done: Boolean,
)

/** What a person does with the lists. */
public sealed interface ChecklistsEvent {
    /** Tick an item in one's own name. */
    public data class Tick(public val checklist: RecordId, public val item: String) : ChecklistsEvent

    /** Take one's own tick back. */
    public data class Untick(public val checklist: RecordId, public val item: String) : ChecklistsEvent

    /** Make this period's lists from their templates, where they are missing. */
    public data object BeginPeriod : ChecklistsEvent

    /** Show more lists. */
    public data object More : ChecklistsEvent
}

/** Checklists: ticked by several people at once; this screen moves with everyone's ticks. */
public class ChecklistsPresenter(private val workbook: Workbook, scope: CoroutineScope) :
    ScreenPresenter<ChecklistsState, ChecklistsEvent>(scope, ChecklistsState()) {

    private val most = MutableStateFlow(PAGE)

    init {
        inTurn { workbook.checklists.beginPeriod(workbook.diary.today()) }
        @OptIn(ExperimentalCoroutinesApi::class)
        watch(most.flatMapLatest { workbook.checklists.watchList(most = it) }) { page -> shown(page) }
    }

    override fun saying(state: ChecklistsState, problem: Problem?): ChecklistsState = state.copy(problem = problem)

    override fun handle(event: ChecklistsEvent) {
        when (event) {
            is ChecklistsEvent.Tick -> inTurn { workbook.checklists.tick(event.checklist, event.item) }
            is ChecklistsEvent.Untick -> inTurn { workbook.checklists.untick(event.checklist, event.item) }
            ChecklistsEvent.BeginPeriod -> inTurn { workbook.checklists.beginPeriod(workbook.diary.today()) }
            ChecklistsEvent.More -> most.value += PAGE
        }
    }

    private suspend fun shown(page: ChecklistPage) {
        val directory = workbook.people.directory()
        val person = workbook.people.person()
        val lines = page.items.map { line(it, directory, person) }
        show {
            it.copy(
                loading = false,
                lines,
                more = page.next != null,
                empty = if (lines.isEmpty()) Message(Keys.NO_CHECKLISTS) else null,
            )
        }
    }

    private fun line(list: ChecklistRecord, directory: Directory, person: PersonId?): ChecklistLine {
        val items = list.content.progress().map { item(it, directory, person) }
        return ChecklistLine(
            id = list.id,
            title = list.content.title,
            group = directory.nameOfScope(list.content.group),
            starts = list.content.starts,
            ends = list.content.ends,
            items = items,
            done = items.count { it.done },
            standing = list.standing,
        )
    }

    private fun item(progress: ItemProgress, directory: Directory, person: PersonId?) = ItemLine(
        id = progress.id,
        title = progress.item.title,
        due = progress.item.due,
        needed = progress.needed,
        by = progress.ticks.map { directory.nameOf(it.person) },
        mine = progress.ticks.any { it.person == person },
        done = progress.done,
    )

    private companion object {
        const val PAGE = 30u
    }
}
