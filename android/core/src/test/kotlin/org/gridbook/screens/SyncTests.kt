package org.gridbook.screens

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
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
