package org.gridbook.screens

import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import org.gridbook.AnyRecord
import org.gridbook.Cursor
import org.gridbook.Workbook

/**
 * What was looked for and found.
 *
 * @property text what the field holds.
 * @property searching an answer is awaited.
 * @property found records of any kind, the latest arrived first, numbers masked.
 * @property more there are more: send [SearchEvent.More].
 * @property hint what to say where nothing is shown.
 * @property problem what went wrong with the last event, until the next one.
 */
public data class SearchState(
    public val text: String = "",
    public val searching: Boolean = false,
    public val found: List<AnyRecord> = emptyList(),
    public val more: Boolean = false,
    public val hint: Message? = Message(Keys.SEARCH_HINT),
    public val problem: Problem? = null,
)

/** What a person does in search. */
public sealed interface SearchEvent {
    /** What the field holds now; the answer follows the typing. */
    public data class Type(public val text: String) : SearchEvent

    /** Show more of what was found. */
    public data object More : SearchEvent
}

/** Search: answers while the person types; an answer to earlier words is never shown. */
public class SearchPresenter(private val workbook: Workbook, scope: CoroutineScope) :
    ScreenPresenter<SearchState, SearchEvent>(scope, SearchState()) {

    private var search: Job? = null
    private var next: Cursor? = null

    override fun saying(state: SearchState, problem: Problem?): SearchState = state.copy(problem = problem)

    override fun handle(event: SearchEvent) {
        when (event) {
            is SearchEvent.Type -> type(event.text)
            SearchEvent.More -> if (state.value.more && !state.value.searching) more()
        }
    }

    private fun type(text: String) {
        search?.cancel()
        if (text.isBlank()) return show { SearchState(text = text) }
        show { it.copy(text = text, searching = true, hint = null) }
        search = scope.launch {
            delay(PAUSE)
            guardedSearch {
                val page = workbook.records.search(text)
                next = page.next
                val hint = if (page.items.isEmpty()) Message(Keys.NOTHING_FOUND) else null
                showFor(text) { it.copy(found = page.items, more = page.next != null, hint = hint) }
            }
        }
    }

    private fun more() {
        val text = state.value.text
        show { it.copy(searching = true) }
        search = scope.launch {
            guardedSearch {
                val page = workbook.records.search(text, after = next)
                next = page.next
                showFor(text) { it.copy(found = it.found + page.items, more = page.next != null) }
            }
        }
    }

    private suspend fun guardedSearch(work: suspend () -> Unit) {
        guarded(work)
        show { it.copy(searching = false) }
    }

    private fun showFor(text: String, change: (SearchState) -> SearchState) =
        show { if (it.text == text) change(it) else it }

    private companion object {
        /** Shorter than a person notices, longer than the time between two keys. */
        val PAUSE: Duration = 150.milliseconds
    }
}
