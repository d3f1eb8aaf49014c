package org.gridbook.screens

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.job
import kotlinx.coroutines.withTimeoutOrNull
import org.gridbook.Language
import org.gridbook.Town
import org.gridbook.Words
import org.gridbook.story

val chinese = Words(Language.CHINESE)
val english = Words(Language.ENGLISH)

/** Tells a story in a town of its own, on one thread as a screen's. Screens go away at its end. */
fun screens(tell: suspend Town.(CoroutineScope) -> Unit) = story { screen { tell(it) } }

/** A screen's scope, which ends with [work]. */
suspend fun <T> screen(work: suspend (CoroutineScope) -> T): T = coroutineScope {
    val screen = CoroutineScope(coroutineContext + Job(coroutineContext.job))
    try {
        work(screen)
    } finally {
        screen.coroutineContext.job.cancelAndJoin()
    }
}

/** The first state that [holds]; fails with what is shown instead after a while. */
suspend fun <State> Presenter<State, *>.shows(holds: (State) -> Boolean): State =
    withTimeoutOrNull(30_000) { state.first(holds) } ?: error("it shows ${state.value}")
