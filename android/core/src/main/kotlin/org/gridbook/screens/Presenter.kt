package org.gridbook.screens

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import org.gridbook.GridbookException
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/** What stands behind one screen: it shows a state and takes events. Nothing that goes wrong is thrown at the screen. */
public interface Presenter<State, Event> {
    /** What the screen shows now. */
    public val state: StateFlow<State>

    /** Takes what the person did, and returns at once; what comes of it is in [state]. Call it on one thread. */
    public fun send(event: Event)
}

/**
 * What all presenters share: one state, work that is done in the order in which it was asked for, and failures that
 * become a [Problem] of the state. A presenter ends with its scope.
 */
public abstract class ScreenPresenter<State : Any, Event : Any> internal constructor(
    internal val scope: CoroutineScope,
    first: State,
) : Presenter<State, Event> {
    private val shown = MutableStateFlow(first)
    private val line = Channel<suspend () -> Unit>(Channel.UNLIMITED)

    final override val state: StateFlow<State> = shown.asStateFlow()

    init {
        scope.launch { for (work in line) guarded(work) }
    }

    final override fun send(event: Event) {
        say(null)
        handle(event)
    }

    /** Does what the event asks for; anything that waits goes through [inTurn]. */
    internal abstract fun handle(event: Event)

    /** The state with a problem, or with none. */
    internal abstract fun saying(state: State, problem: Problem?): State

    internal fun show(change: (State) -> State) = shown.update(change)

    internal fun say(problem: Problem?) = show { saying(it, problem) }

    /** Does work after all that was asked for before. */
    internal fun inTurn(work: suspend () -> Unit) {
        line.trySend(work)
    }

    /**
     * Takes every answer of a flow, beside the work that is done in turn. After a failure it asks again before long: the
     * phone may have been unlocked, or the disk be well again.
     */
    internal fun <T> watch(flow: Flow<T>, take: suspend (T) -> Unit): Job = scope.launch {
        while (!guarded { flow.collect { take(it) } }) delay(AGAIN)
    }

    /** Does work and says what went wrong; false if it may go well another time. */
    internal suspend fun guarded(work: suspend () -> Unit): Boolean {
        try {
            work()
        } catch (cancelled: CancellationException) {
            throw cancelled
        } catch (error: GridbookException) {
            say(problemOf(error))
            // Closed under the screen, as when the phone is wiped: it will not go better another time.
            return error is GridbookException.Unexpected && error.code == "closed"
        } catch (_: Exception) {
            // What a call that goes past the workbook's layer throws: what was scanned may be no text.
            say(Problem(Message(Keys.UNEXPECTED)))
        }
        return true
    }

    private companion object {
        val AGAIN: Duration = 2.seconds
    }
}
