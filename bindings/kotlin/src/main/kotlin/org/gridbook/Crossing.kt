package org.gridbook

private const val CLOSED = "closed"

/** True if what was called was closed before. */
internal val GridbookException.saysClosed: Boolean get() = this is GridbookException.Unexpected && code == CLOSED

/** What [work] does with a handle across the bridge; whatever fails is a [GridbookException]. */
internal inline fun <T> crossing(isClosed: () -> Boolean, work: () -> T): T = try {
    work()
} catch (error: IllegalStateException) {
    // How the generated code says that the handle was closed.
    if (!isClosed()) throw error
    throw GridbookException.Unexpected(CLOSED, "it was closed")
} catch (_: InternalException) {
    // What it says may quote what was being worked on.
    throw GridbookException.Unexpected("panic", "outside the call")
}
