package org.gridbook

import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.channels.BufferOverflow
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableSharedFlow
import kotlinx.coroutines.flow.SharedFlow
import kotlinx.coroutines.flow.asSharedFlow
import kotlinx.coroutines.flow.conflate
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.filter
import kotlinx.coroutines.flow.onSubscription
import kotlinx.coroutines.flow.takeWhile
import kotlinx.coroutines.flow.transformWhile
import kotlinx.coroutines.withContext

/** What the groups of a [Workbook] share: the open handle, where its calls run, and what has changed. */
internal class Bridge(val handle: WorkbookHandle, private val dispatcher: CoroutineDispatcher) {
    // Whoever falls behind loses the oldest: it asks again after the newest anyway.
    private val heard = MutableSharedFlow<RecordsChanged>(
        extraBufferCapacity = 256,
        onBufferOverflow = BufferOverflow.DROP_OLDEST,
    )

    val changes: SharedFlow<RecordsChanged> = heard.asSharedFlow()

    init {
        // Only hands on: the writer waits for it.
        handle.listen(object : ChangeListener {
            override fun recordsChanged(change: RecordsChanged) {
                heard.tryEmit(change)
            }
        })
    }

    /** Lets the flows answer again after what the core announces to nobody: drafts, and what an exchange refused. */
    fun tell(edit: EditKind) {
        heard.tryEmit(RecordsChanged(edit, emptyList()))
    }

    /** One blocking call, away from the caller's thread. */
    suspend fun <T> call(work: WorkbookHandle.() -> T): T = withContext(dispatcher) { opened { work() } }

    /** What [work] does with the open handle; whatever fails is a [GridbookException]. */
    inline fun <T> opened(work: WorkbookHandle.() -> T): T = crossing({ handle.uniffiIsDestroyed }) { handle.work() }

    /** Stops an exchange that is under way; there is none once the handle is closed. */
    fun cancel() {
        try {
            opened { cancelSync() }
        } catch (error: GridbookException) {
            if (!error.saysClosed) throw error
        }
    }

    /** Stops an exchange, ends the flows and closes the handle; calls that are under way end first. */
    fun close() {
        if (handle.uniffiIsDestroyed) return
        cancel()
        handle.close()
        heard.tryEmit(CLOSED)
    }

    /** What [query] answers now and after every change that [concerns] it; an answer that is the same is left out. It ends when the workbook is closed. */
    fun <T> watch(
        concerns: (RecordsChanged) -> Boolean = { it.edit != EditKind.DRAFT },
        query: WorkbookHandle.() -> T,
    ): Flow<T> = changes
        // Once subscribed, so that no change falls between the first answer and the next.
        .onSubscription { emit(FIRST) }
        .takeWhile { it !== CLOSED }
        .filter { it === FIRST || concerns(it) }
        .conflate()
        .transformWhile { _ ->
            val answer = try {
                Answer(call(query))
            } catch (error: GridbookException) {
                // A change that was still waiting when the workbook was closed is asked about no more.
                if (!error.saysClosed) throw error
                null
            }
            answer?.let { emit(it.value) }
            answer != null
        }
        .distinctUntilChanged()

    private class Answer<T>(val value: T)

    private companion object {
        val FIRST = RecordsChanged(EditKind.SYNC, emptyList())

        /** The last that is told. */
        val CLOSED = RecordsChanged(EditKind.SYNC, emptyList())
    }
}
