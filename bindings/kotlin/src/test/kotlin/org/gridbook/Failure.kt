package org.gridbook

import org.junit.jupiter.api.Assertions.fail

/** What [work] fails with; fails the test if it does not. */
suspend fun failure(work: suspend () -> Any): GridbookException = try {
    fail("it went through: ${work()}")
} catch (expected: GridbookException) {
    expected
}
