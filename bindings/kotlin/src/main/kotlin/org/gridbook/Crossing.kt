package org.gridbook

/** What [work] does with a handle across the bridge; whatever fails is a [GridbookException]. */
internal inline fun <T> crossing(isClosed: () -> Boolean, work: () -> T): T = try {
    work()
} catch (error: IllegalStateException) {
    // How the generated code says that the handle was closed.
    if (!isClosed()) throw error
    throw GridbookException.Unexpected("closed", "it was closed")
} catch (_: InternalException) {
    // What it says may quote what was being worked on.
    throw GridbookException.Unexpected("panic", "outside the call")
}
