package org.gridbook

import kotlin.time.Duration.Companion.seconds
import kotlin.time.measureTime
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import kotlinx.coroutines.supervisorScope
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** Exchanges that do not come to their end. */
class SyncStories {
    @Test
    fun cancelInMidSync() = story {
        val phone = phone("测试员甲")
        val household = phone.household("3-1-501")
        repeat(20) { phone.visit(household.id, note = "第${it}次") }
        val server = phone.workbook.server
        supervisorScope {
            // The coroutine is cancelled, as when its screen goes away.
            network.hold()
            val job = launch(Dispatchers.Default) { server.sync() }
            network.awaitRequest()
            assertTrue(measureTime { job.cancelAndJoin() } < 2.seconds, "cancelling does not wait for the network")
            assertEquals(21uL, phone.unsent())
            network.cut()
            network.release()
            network.mend()

            // The button is tapped while another part of the app waits for the exchange.
            network.hold()
            val exchange = async(Dispatchers.Default) { server.sync() }
            network.awaitRequest()
            server.cancel()
            val stopped = runCatching { exchange.await() }.exceptionOrNull()
            assertInstanceOf(GridbookException.Cancelled::class.java, stopped)
            network.cut()
            network.release()
            network.mend()
        }
        val report = server.sync()
        assertEquals(21uL, report.sent)
        assertEquals(0uL, phone.unsent())
    }
}
