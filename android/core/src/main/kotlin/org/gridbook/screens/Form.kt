package org.gridbook.screens

import kotlinx.coroutines.CoroutineScope
import org.gridbook.Draft
import org.gridbook.RecordId
import org.gridbook.ScopeId
import org.gridbook.Workbook

/** What the states of all forms show alike; each state has these as fields of its own. */
internal data class FormPart<Form : Any, Saved : Any>(
    val form: Form?,
    val kept: Boolean,
    val saving: Boolean,
    val saved: Saved?,
    val closed: Boolean,
    val message: Message?,
    val problem: Problem?,
    val loading: Boolean = false,
    val grid: ScopeId? = null,
)

/**
 * What all forms share: a draft from the first keystroke, going on with one that is there, and saving a new record or the
 * one that is edited.
 */
public abstract class FormPresenter<Form : Any, Saved : Any, State : Any, Event : Any> internal constructor(
    internal val workbook: Workbook,
    scope: CoroutineScope,
    first: State,
    private val records: FormRecords<Form, Saved>,
) : ScreenPresenter<State, Event>(scope, first) {
    // The record that is edited; null while it is a new one.
    internal var base: Saved? = null

    internal val keeper = Autosave(
        workbook.drafts,
        scope,
        base = { base?.let(records::drafted) },
        grid = { part(state.value).grid },
        told = { error -> form { it.copy(kept = error == null, problem = error?.let(::problemOf) ?: it.problem) } },
    )

    internal abstract fun part(state: State): FormPart<Form, Saved>

    internal abstract fun showing(state: State, part: FormPart<Form, Saved>): State

    /** Shows the form and what belongs to it. */
    internal abstract suspend fun open(form: Form)

    internal abstract suspend fun saveNew(form: Form, id: RecordId?): Saved

    /** What is written of what was typed. */
    internal open fun whole(form: Form): Form = form

    /** A draft is gone on with: what a new record from it needs to know besides. */
    internal open suspend fun resuming(form: Form): Unit = Unit

    override fun saying(state: State, problem: Problem?): State = showing(state, part(state).copy(problem = problem))

    internal fun form(change: (FormPart<Form, Saved>) -> FormPart<Form, Saved>) = show { showing(it, change(part(it))) }

    /** A draft may have been saved meanwhile, and an edit of a record have been begun. */
    internal suspend fun resumeOrOpen(id: RecordId) {
        val draft = workbook.drafts.get(id)
        if (draft != null) return resume(draft)
        val record = records.get(id)
        base = record
        open(records.form(record))
        form { it.copy(saved = record) }
    }

    internal suspend fun resume(draft: Draft) {
        val typed = records.of(draft) ?: return form {
            it.copy(loading = false, problem = Problem(Message(Keys.UNREADABLE_DRAFT), action = Action.UPDATE))
        }
        // Not the version of now: what others have written since is not known to the one who typed.
        draft.version?.let { base = records.seen(records.get(draft.id), it) }
        resuming(typed)
        keeper.resume(draft)
        open(typed)
        form { it.copy(saved = base, grid = draft.grid, message = Message(Keys.DRAFT_FOUND)) }
    }

    internal fun edit(change: (Form) -> Form) {
        val shown = part(state.value)
        if (shown.saving) return
        val typed = shown.form?.let(change)?.let(::whole) ?: return
        form { it.copy(form = typed, kept = false, message = null) }
        keeper.typed(records.content(typed))
    }

    /** The grid of a new record. */
    internal fun choose(grid: ScopeId) {
        form { it.copy(grid = grid) }
        if (keeper.begun) edit { it }
    }

    internal fun save(then: (Saved) -> Unit = {}) {
        val shown = part(state.value)
        if (shown.saving) return
        val typed = shown.form ?: return
        form { it.copy(saving = true) }
        inTurn {
            try {
                val saved = written(whole(typed))
                wrote(saved)
                then(saved)
            } finally {
                form { it.copy(saving = false) }
            }
        }
    }

    private suspend fun written(typed: Form): Saved {
        val record = base
        if (record != null && records.form(record) == typed && !keeper.begun) return record
        return keeper.finish { id -> if (record == null) saveNew(typed, id) else records.edit(record, typed) }
    }

    /** Shows what was written, which is edited from now on. */
    internal open fun wrote(saved: Saved) {
        base = saved
        form { it.copy(form = records.form(saved), kept = true, saved = saved, message = Message(Keys.SAVED)) }
    }

    /** Throws the draft away; the form shows the record that was edited, or what [empty] makes of what was typed. */
    internal fun discard(closes: Boolean = true, empty: (Form?) -> Form? = { it }) = inTurn {
        keeper.discard()
        form { it.copy(form = base?.let(records::form) ?: empty(it.form), kept = true, closed = closes) }
    }
}
