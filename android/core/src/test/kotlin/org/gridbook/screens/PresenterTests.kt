package org.gridbook.screens

import java.util.concurrent.atomic.AtomicInteger
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.runBlocking
import org.gridbook.GridbookException
import org.gridbook.LockReason
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

/** What all presenters share. */
class PresenterTests {
    private data class Shown(val answer: String? = null, val problem: Problem? = null)

    private class Watching(scope: CoroutineScope) : ScreenPresenter<Shown, Unit>(scope, Shown()) {
        val asked = AtomicInteger()

        init {
            val answers = flow {
                if (asked.incrementAndGet() == 1) throw GridbookException.Locked(LockReason.LEASE)
                emit("unlocked")
            }
            watch(answers) { answer -> show { it.copy(answer = answer, problem = null) } }
        }

        override fun handle(event: Unit) = Unit

        override fun saying(state: Shown, problem: Problem?): Shown = state.copy(problem = problem)
    }

    @Test
    fun aWatchThatFailedAsksAgain() = runBlocking {
        screen { scope ->
            val watching = Watching(scope)
            assertEquals(Action.UNLOCK, watching.shows { it.problem != null }.problem?.action)
            assertEquals(null, watching.shows { it.answer == "unlocked" }.problem)
            assertEquals(2, watching.asked.get())
        }
    }
}
