package org.gridbook.screens

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.filterNotNull
import kotlinx.coroutines.flow.flatMapLatest
import org.gridbook.Day
import org.gridbook.DayPage
import org.gridbook.DiaryEntry
import org.gridbook.DiaryRecord
import org.gridbook.Kind
import org.gridbook.NewDiaryEntry
import org.gridbook.RecordId
import org.gridbook.ScopeId
import org.gridbook.Workbook

/** What the form of the diary is opened for. */
public sealed interface DiaryTarget {
    /** A new entry on a day's page; an unfinished one is gone on with. */
    public data object New : DiaryTarget

    /** A draft. */
    public data class OfDraft(public val draft: RecordId) : DiaryTarget

    /** An entry that was saved: to edit it, as when a lead returned it. */
    public data class OfRecord(public val entry: RecordId) : DiaryTarget
}

/**
 * A day's page and the form of what the worker adds to it.
 *
 * @property loading nothing is known yet.
 * @property today today in the community's zone.
 * @property page the page of the day shown: lines in the order of the day, and what they come to.
 * @property empty says so where the page has no lines.
 * @property form the entry that is being written. It belongs to the day that was shown when its writing began.
 * @property grids the grids to choose from, where the worker has several.
 * @property grid the one chosen for a new entry.
 * @property kept everything typed is on the disk.
 * @property saving a save is under way: the form takes nothing meanwhile.
 * @property saved the entry that is edited.
 * @property closed the draft was thrown away: leave the form.
 * @property message what came of the last event.
 * @property problem what went wrong with the last event, until the next one.
 */
public data class DiaryState(
    public val loading: Boolean = true,
    public val today: Day? = null,
    public val page: DayPage? = null,
    public val empty: Message? = null,
    public val form: DiaryEntry = DiaryEntry(text = ""),
    public val grids: List<GridLine> = emptyList(),
    public val grid: ScopeId? = null,
    public val kept: Boolean = true,
    public val saving: Boolean = false,
    public val saved: DiaryRecord? = null,
    public val closed: Boolean = false,
    public val message: Message? = null,
    public val problem: Problem? = null,
)

/** What a person does with the day's page. */
public sealed interface DiaryEvent {
    /** Show another day; null is today. */
    public data class ShowDay(public val day: Day?) : DiaryEvent

    /** What happened, what was done, what came of it. */
    public data class TypeText(public val text: String) : DiaryEvent

    /** A code of `diary_category`; empty for none. */
    public data class ChooseCategory(public val code: String) : DiaryEvent

    /** Someone must come back to this. */
    public data class SetFollowUp(public val needed: Boolean) : DiaryEvent

    /** The grid of a new entry, where the worker has several. */
    public data class ChooseGrid(public val grid: ScopeId) : DiaryEvent

    /** Save the entry on its day. */
    public data object Save : DiaryEvent

    /** Throw the draft away. */
    public data object Discard : DiaryEvent

    /** The follow-up of an entry is done, or not yet. */
    public data class SetDone(public val entry: RecordId, public val done: Boolean) : DiaryEvent
}

/** Diary: the day's page, built by the core from the day's work, and the entry that the worker adds. */
public class DiaryPresenter(
    workbook: Workbook,
    scope: CoroutineScope,
    private val target: DiaryTarget = DiaryTarget.New,
) : FormPresenter<DiaryEntry, DiaryRecord, DiaryState, DiaryEvent>(workbook, scope, DiaryState(), FormEntries(workbook)) {
    private val day = MutableStateFlow<Day?>(null)

    init {
        inTurn {
            load()
            showDay(state.value.form.date)
        }
        watch(workbook.people.watchDirectory()) {
            val grids = workbook.gridsToChoose(Kind.DIARY)
            show { it.copy(grids = grids) }
        }
        @OptIn(ExperimentalCoroutinesApi::class)
        watch(day.filterNotNull().flatMapLatest { workbook.diary.watchPage(it) }) { page ->
            val empty = if (page.lines.isEmpty()) Message(Keys.NO_RECORDS_TODAY) else null
            show { it.copy(loading = false, page = page, empty = empty) }
        }
    }

    // Loading is the page's: the form is there at once.
    override fun part(state: DiaryState): FormPart<DiaryEntry, DiaryRecord> =
        with(state) { FormPart(form, kept, saving, saved, closed, message, problem, grid = grid) }

    override fun showing(state: DiaryState, part: FormPart<DiaryEntry, DiaryRecord>): DiaryState = state.copy(
        form = part.form ?: state.form,
        kept = part.kept,
        saving = part.saving,
        saved = part.saved,
        grid = part.grid,
        closed = part.closed,
        message = part.message,
        problem = part.problem,
    )

    override fun handle(event: DiaryEvent) {
        when (event) {
            is DiaryEvent.ShowDay -> inTurn { showDay(event.day) }
            is DiaryEvent.TypeText -> edit { it.copy(text = event.text) }
            is DiaryEvent.ChooseCategory -> edit { it.copy(category = event.code) }
            is DiaryEvent.SetFollowUp -> edit { it.copy(needsFollowUp = event.needed) }
            is DiaryEvent.ChooseGrid -> choose(event.grid)
            DiaryEvent.Save -> save()
            DiaryEvent.Discard -> discard(closes = target != DiaryTarget.New) { DiaryEntry(text = "") }
            is DiaryEvent.SetDone -> inTurn {
                val entry = workbook.diary.get(event.entry)
                workbook.diary.edit(entry.copy(content = entry.content.copy(done = event.done)))
            }
        }
    }

    private suspend fun load() {
        when (target) {
            DiaryTarget.New -> workbook.drafts.begunFor(Kind.DIARY)?.let { resume(it) }
            is DiaryTarget.OfDraft -> resumeOrOpen(target.draft)
            is DiaryTarget.OfRecord -> resumeOrOpen(target.entry)
        }
    }

    override suspend fun open(form: DiaryEntry): Unit = show { it.copy(form = form) }

    private suspend fun showDay(asked: Day?) {
        val today = workbook.diary.today()
        show { it.copy(today = today) }
        day.value = asked ?: today
    }

    /** An entry belongs to the day that was shown when its first letter was typed. */
    override fun whole(form: DiaryEntry): DiaryEntry = form.copy(date = form.date ?: day.value)

    override suspend fun saveNew(form: DiaryEntry, id: RecordId?): DiaryRecord =
        workbook.diary.save(NewDiaryEntry(content = form, id = id, grid = state.value.grid))

    /** A new entry leaves room for the next one; an edited one stays to be looked at. */
    override fun wrote(saved: DiaryRecord) {
        if (base != null) return super.wrote(saved)
        form { it.copy(form = DiaryEntry(text = ""), kept = true, saved = null, message = Message(Keys.SAVED)) }
    }
}
