package org.gridbook.screens

import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext
import org.gridbook.AnyRecord
import org.gridbook.Content
import org.gridbook.Draft
import org.gridbook.Drafts
import org.gridbook.GridbookException
import org.gridbook.RecordId
import org.gridbook.ScopeId

/**
 * Keeps a form's draft: the first keystroke at once, every later one at most [PAUSE] after it was typed, and the rest
 * when the screen goes away.
 *
 * @param base the record that is edited, which its draft begins with; null while it is a new one.
 * @param grid the grid that was chosen for a new record, kept with its draft; null where there is nothing to choose.
 * @param told hears that everything typed so far is kept (null), or why not.
 */
internal class Autosave(
    private val drafts: Drafts,
    private val scope: CoroutineScope,
    private val base: () -> AnyRecord? = { null },
    private val grid: () -> ScopeId? = { null },
    private val told: (GridbookException?) -> Unit,
) {
    private val turn = Mutex()
    private val lock = Any()

    // Under [turn].
    @Volatile private var draft: Draft? = null

    // Under [lock]: what is not kept yet, and whether someone is at it.
    private var waiting: Content? = null
    private var keeping = false

    /** Something was typed that is not saved. */
    val begun: Boolean get() = draft != null || synchronized(lock) { waiting != null }

    /** Goes on with a draft that is there already. */
    fun resume(found: Draft) {
        draft = found
    }

    /** Takes the form's content after a keystroke. */
    fun typed(content: Content) {
        synchronized(lock) {
            waiting = content
            if (keeping) return
            keeping = true
        }
        // Undispatched, so that even a scope that ends at once keeps what was typed.
        scope.launch(start = CoroutineStart.UNDISPATCHED) { keepOn() }
    }

    private suspend fun keepOn() {
        var kept = false
        do {
            try {
                if (draft != null) delay(PAUSE)
            } finally {
                withContext(NonCancellable) { kept = keep() }
            }
            val more = synchronized(lock) { (kept && waiting != null).also { keeping = it } }
        } while (more)
    }

    /** Keeps what was typed; true if nothing went wrong. */
    private suspend fun keep(): Boolean = try {
        flush()
        if (synchronized(lock) { waiting == null }) told(null)
        true
    } catch (error: GridbookException) {
        told(error)
        false
    }

    /** Keeps what was typed and is not kept yet. */
    suspend fun flush(): Unit = turn.withLock {
        val content = synchronized(lock) { waiting.also { waiting = null } } ?: return
        try {
            draft = kept(content)
        } catch (error: GridbookException) {
            // The next keystroke tries again.
            synchronized(lock) { waiting = waiting ?: content }
            throw error
        }
    }

    private suspend fun kept(content: Content): Draft {
        draft?.let { return drafts.keep(it.copy(content = content, grid = grid())) }
        base()?.let { return drafts.edit(it.copy(content = content)) }
        val begun = drafts.begin(content)
        return grid()?.let { drafts.keep(begun.copy(grid = it)) } ?: begun
    }

    /** Saves the record from the draft, which is gone then; if that fails, the draft is kept. */
    suspend fun <T> finish(save: suspend (RecordId?) -> T): T {
        flush()
        return turn.withLock { save(draft?.id).also { forget() } }
    }

    /** Throws the draft away. */
    suspend fun discard(): Unit = turn.withLock {
        draft?.let { drafts.discard(it.id) }
        forget()
    }

    private fun forget() {
        draft = null
        synchronized(lock) { waiting = null }
    }

    companion object {
        /** How long a keystroke may wait: one write for several of a quick typist. */
        val PAUSE: Duration = 300.milliseconds
    }
}
