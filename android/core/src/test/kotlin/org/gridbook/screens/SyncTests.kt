package org.gridbook.screens

import java.time.Instant
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.withContext
import org.gridbook.Town
import org.gridbook.story
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class SyncTests {
    @Test
    fun whatIsOnThePhoneGoesToTheServerAndIsSaidInNumbers() = screens { scope ->
        val phone = phone("测试员甲")
        val household = phone.household("3-1-501").id
        val visit = phone.visit(household).id
        val sync = SyncPresenter(phone.workbook, scope)
        assertEquals(setOf(household, visit), sync.shows { !it.loading }.onPhone.map { it.id }.toSet())

        network.cut()
        sync.send(SyncEvent.Start)
        assertTrue(sync.state.value.running)
        val offline = sync.shows { it.problem != null && !it.running }
        assertEquals("连不上服务器，记录在手机上，有网会再传。", chinese.text(offline.problem!!.message))
        assertEquals(2, offline.onPhone.size, "nothing is lost by trying")

        network.mend()
        sync.send(SyncEvent.Start)
        assertNull(sync.state.value.problem)
        val done = sync.shows { it.message != null && !it.running && it.onPhone.isEmpty() }
        assertEquals("同步完成：送达 2，收到 0", chinese.text(done.message!!))
        assertEquals("Everything is on the server", english.text(done.headline!!))
    }

    @Test
    fun whatTheServerHoldsIsCountedAndWhatWentIsSaid() = screens { scope ->
        val phone = phone("测试员甲")
        phone.household("3-1-501")
        val sync = SyncPresenter(phone.workbook, scope)
        val before = sync.shows { !it.loading }
        assertEquals("还没有同步过" to null, chinese.text(before.server!!) to before.status?.contact)
        assertEquals(0uL, before.status?.onServer)
        val begun = Instant.now().minusMillis(1)
        sync.send(SyncEvent.Start)
        val after = sync.shows { !it.running && it.status?.onServer == 1uL }
        assertEquals("1 条记录已在服务器", chinese.text(after.server!!))
        assertTrue(after.status?.contact!! in begun..Instant.now(), "${after.status?.contact}")

        // The grid is no longer theirs, and all of it leaves the phone.
        server("grant", "测试员甲", "member", "安全防范")
        server("revoke", "grant", "测试员甲", "worker", Town.GRID)
        sync.send(SyncEvent.Start)
        val left = sync.shows { !it.running && it.notes.isNotEmpty() && it.status?.onServer == 0uL }
        assertEquals(listOf("你已不在“第一网格”，内容已移除"), left.notes.map { chinese.text(it) })
    }

    @Test
    fun aStopRightAfterTheStartIsHeard() = screens { scope ->
        val phone = phone("测试员甲")
        phone.household("3-1-501")
        val sync = SyncPresenter(phone.workbook, scope)
        network.hold()
        sync.send(SyncEvent.Start)
        sync.send(SyncEvent.Cancel)
        val stopped = sync.shows { !it.running }
        assertEquals(Keys.CANCELLED to null, stopped.problem?.message?.key to stopped.message)
        assertEquals(1uL, phone.unsent())
        network.release()
    }

    @Test
    fun leavingTheScreenStopsTheExchange() = story {
        val phone = phone("测试员甲")
        phone.household("3-1-501")
        network.hold()
        screen { scope ->
            SyncPresenter(phone.workbook, scope).send(SyncEvent.Start)
            withContext(Dispatchers.IO) { network.awaitRequest() }
        }
        phone.workbook.server.progress.first { it == null }
        network.release()
        assertEquals(1uL, phone.unsent(), "the answer never came")
        phone.workbook.server.sync()
        assertEquals(0uL, phone.unsent())
    }

    @Test
    fun anExchangeIsStoppedAndGoesOnLater() = screens { scope ->
        val phone = phone("测试员甲")
        phone.household("3-1-501")
        val sync = SyncPresenter(phone.workbook, scope)
        network.hold()
        sync.send(SyncEvent.Start)
        withContext(Dispatchers.IO) { network.awaitRequest() }
        assertTrue(sync.shows { it.progress != null }.running)
        sync.send(SyncEvent.Cancel)
        val stopped = sync.shows { !it.running }
        assertEquals(Keys.CANCELLED to null, stopped.problem?.message?.key to stopped.message)
        network.release()
        sync.send(SyncEvent.Start)
        sync.shows { it.message?.key == Keys.SYNCED && it.status?.unsent == 0uL }
    }
}
