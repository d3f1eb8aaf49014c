package org.gridbook.screens

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.filterNotNull
import kotlinx.coroutines.flow.flatMapLatest
import org.gridbook.Content
import org.gridbook.Day
import org.gridbook.DayPage
import org.gridbook.DiaryEntry
import org.gridbook.Kind
import org.gridbook.NewDiaryEntry
import org.gridbook.RecordId
import org.gridbook.Workbook
import org.gridbook.editsExisting

/**
 * A day's page and the form of what the worker adds to it.
 *
 * @property today today in the community's zone.
 * @property page the page of the day shown: lines in the order of the day, and what they come to.
 * @property empty says so where the page has no lines.
 * @property form the entry that is being written.
 * @property kept everything typed is on the disk.
 * @property saving a save is under way: the form takes nothing meanwhile.
 */
public data class DiaryState(
    public val loading: Boolean = true,
    public val today: Day? = null,
    public val page: DayPage? = null,
    public val empty: Message? = null,
    public val form: DiaryEntry = DiaryEntry(text = ""),
    public val kept: Boolean = true,
    public val saving: Boolean = false,
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

    /** Save the entry on the day that is shown. */
    public data object Save : DiaryEvent

    /** Throw the draft away. */
    public data object Discard : DiaryEvent

    /** The follow-up of an entry is done, or not yet. */
    public data class SetDone(public val entry: RecordId, public val done: Boolean) : DiaryEvent
}

/** Diary: the day's page, built by the core from the day's work, and the entry that the worker adds. */
public class DiaryPresenter(private val workbook: Workbook, scope: CoroutineScope) :
    ScreenPresenter<DiaryState, DiaryEvent>(scope, DiaryState()) {

    private val day = MutableStateFlow<Day?>(null)

    private val keeper = Autosave(
        workbook.drafts,
        scope,
        told = { error -> show { it.copy(kept = error == null, problem = error?.let(::problemOf) ?: it.problem) } },
    )

    init {
        inTurn {
            resume()
            showDay(null)
        }
        @OptIn(ExperimentalCoroutinesApi::class)
        watch(day.filterNotNull().flatMapLatest { workbook.diary.watchPage(it) }) { page ->
            val empty = if (page.lines.isEmpty()) Message(Keys.NO_RECORDS_TODAY) else null
            show { it.copy(loading = false, page = page, empty = empty) }
        }
    }

    override fun saying(state: DiaryState, problem: Problem?): DiaryState = state.copy(problem = problem)

    override fun handle(event: DiaryEvent) {
        when (event) {
            is DiaryEvent.ShowDay -> inTurn { showDay(event.day) }
            is DiaryEvent.TypeText -> edit { it.copy(text = event.text) }
            is DiaryEvent.ChooseCategory -> edit { it.copy(category = event.code) }
            is DiaryEvent.SetFollowUp -> edit { it.copy(needsFollowUp = event.needed) }
            DiaryEvent.Save -> save()
            DiaryEvent.Discard -> inTurn {
                keeper.discard()
                show { it.copy(form = DiaryEntry(text = ""), kept = true) }
            }
            is DiaryEvent.SetDone -> inTurn {
                val entry = workbook.diary.get(event.entry)
                workbook.diary.edit(entry.copy(content = entry.content.copy(done = event.done)))
            }
        }
    }

    private suspend fun resume() {
        val begun = workbook.drafts.list().find { it.kind == Kind.DIARY && !it.editsExisting } ?: return
        val form = begun.entry() ?: return
        keeper.resume(begun)
        show { it.copy(form = form, message = Message(Keys.DRAFT_FOUND)) }
    }

    private suspend fun showDay(asked: Day?) {
        val today = workbook.diary.today()
        show { it.copy(today = today) }
        day.value = asked ?: today
    }

    private fun edit(change: (DiaryEntry) -> DiaryEntry) {
        if (state.value.saving) return
        val form = change(state.value.form)
        show { it.copy(form = form, kept = false, message = null) }
        keeper.typed(Content.Diary(form))
    }

    private fun save() {
        if (state.value.saving) return
        val form = state.value.form
        show { it.copy(saving = true) }
        inTurn {
            try {
                val shown = state.value.page?.day.takeIf { it != state.value.today }
                val entry = form.copy(date = form.date ?: shown)
                keeper.finish { id -> workbook.diary.save(NewDiaryEntry(content = entry, id = id)) }
                show { it.copy(form = DiaryEntry(text = ""), kept = true, message = Message(Keys.SAVED)) }
            } finally {
                show { it.copy(saving = false) }
            }
        }
    }
}
