package org.gridbook

import kotlin.time.Duration.Companion.seconds
import kotlin.time.measureTime
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.channels.toList
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import kotlinx.coroutines.supervisorScope
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
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

    @Test
    fun ofTwoExchangesTheSecondWaitsAndEachTellsOfItsOwn() = story {
        val phone = phone("测试员甲")
        phone.visit(phone.household("3-1-501").id)
        val server = phone.workbook.server
        coroutineScope {
            network.hold()
            val first = async(Dispatchers.Default) { server.sync() }
            withContext(Dispatchers.IO) { network.awaitRequest() }
            val begun = SyncProgress(0uL, 2uL, 0uL, 0uL)
            assertEquals(begun, server.progress.value, "it says where it begins")
            // Undispatched: they are in the line now.
            val second = launch(start = CoroutineStart.UNDISPATCHED) { server.sync() }
            val third = async(start = CoroutineStart.UNDISPATCHED) { server.sync() }
            assertEquals(begun, server.progress.value, "who waits tells nothing")
            second.cancelAndJoin()
            assertEquals(begun, server.progress.value, "the end of one that only waited ends nothing")
            assertTrue(first.isActive && third.isActive, "and stops nobody else")

            val told = Channel<SyncProgress?>(Channel.UNLIMITED)
            val hearing = launch(Dispatchers.Unconfined) { server.progress.collect { told.send(it) } }
            network.release()
            assertEquals(2uL, first.await().sent)
            assertEquals(0uL, third.await().sent, "nothing is sent twice")
            withTimeout(10_000) { server.progress.first { it == null } }
            hearing.cancelAndJoin()
            told.close()
            val lines = told.toList()
            assertEquals(begun to null, lines.first() to lines.last())
            assertEquals(SyncProgress(0uL, 0uL, 0uL, 0uL), lines.filterNotNull().last(), "$lines")
        }
    }

    @Test
    fun refusedAndTaken() = story {
        val phone = phone("测试员甲")
        val visit = phone.visit(phone.household("3-1-501").id)
        val (exchange, records) = phone.workbook.server to phone.workbook.records
        exchange.sync()
        // They may read from now on and write no more, but this phone has not heard of it yet.
        server("grant", "测试员甲", "auditor", Town.GRID)
        server("revoke", "grant", "测试员甲", "worker", Town.GRID)
        phone.workbook.visits.edit(visit.copy(content = visit.content.copy(note = "写在途中")))
        assertEquals(listOf(visit.id), exchange.sync().refused)
        assertEquals(1uL to 0uL, exchange.status().let { it.refused to it.unsent })
        assertEquals(listOf(visit.id to Standing.Refused), records.refused().map { it.id to it.standing })
        assertEquals(listOf("not_permitted"), records.refusals(visit.id))
        assertTrue(records.onPhone().isEmpty())
        assertInstanceOf(GridbookException.NotPermitted::class.java, failure { records.rescue(visit.id) })

        server("grant", "测试员甲", "worker", Town.GRID)
        settle()
        assertEquals(0uL to 0uL, exchange.status().let { it.refused to it.unsent })
        assertEquals(Standing.OnServer, records.get(visit.id).standing)
        assertInstanceOf(GridbookException.Invalid::class.java, failure { records.rescue(visit.id) }, "there is nothing to rescue")
    }
}
