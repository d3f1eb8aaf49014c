package org.gridbook

import java.nio.charset.CharacterCodingException
import kotlinx.coroutines.CancellationException

private const val CLOSED = "closed"

/** What was handed over is no value of its type; the core says so too. */
private const val NO_VALUE = "value"

/** True if what was called was closed before. */
internal val GridbookException.saysClosed: Boolean get() = this is GridbookException.Unexpected && code == CLOSED

/** What [work] does with a handle across the bridge; whatever fails is a [GridbookException]. */
internal inline fun <T> crossing(isClosed: () -> Boolean, work: () -> T): T = try {
    work()
} catch (cancelled: CancellationException) {
    throw cancelled
} catch (error: IllegalStateException) {
    // How the generated code says that the handle was closed.
    if (!isClosed()) throw error
    throw GridbookException.Unexpected(CLOSED)
} catch (_: InternalException) {
    // What it says may quote what was being worked on.
    throw GridbookException.Unexpected("bridge")
} catch (_: CharacterCodingException) {
    // Half of a character that takes two, as an editor may leave it, has no UTF-8.
    throw GridbookException.Unexpected(NO_VALUE)
} catch (_: ArithmeticException) {
    // An instant farther away than its milliseconds can say.
    throw GridbookException.Unexpected(NO_VALUE)
}
