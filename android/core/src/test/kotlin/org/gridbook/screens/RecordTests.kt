package org.gridbook.screens

import org.gridbook.FieldValue
import org.gridbook.Household
import org.gridbook.Mark
import org.gridbook.Town
import org.gridbook.readDwelling
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Test

class RecordTests {
    @Test
    fun twoValuesAreShownUntilAPersonChooses() = screens { scope ->
        val (first, second) = listOf("测试员甲", "测试员乙").map { phone(it) }
        val visit = first.visit(first.household("3-1-501").id)
        settle()
        network.cut()
        val notes = listOf("电动车在楼道充电", "没有电动车")
        listOf(first, second).zip(notes) { phone, note ->
            val record = phone.workbook.visits.get(visit.id)
            phone.workbook.visits.edit(record.copy(content = record.content.copy(note = note)))
        }
        network.mend()
        val page = RecordPresenter(first.workbook, scope, visit.id)
        page.shows { it.record != null }
        settle()
        val conflict = page.shows { it.conflicts.isNotEmpty() }.conflicts.single()
        assertEquals("note" to notes.toSet(), conflict.`field` to conflict.choices.map { (it.value as FieldValue.Text).v1 }.toSet())
        assertEquals(setOf<String?>("测试员甲", "测试员乙"), conflict.choices.map { it.person }.toSet())

        page.send(RecordEvent.Choose("note", FieldValue.Text(notes[0])))
        val chosen = page.shows { it.conflicts.isEmpty() && it.message != null }
        assertEquals(Message(Keys.CONFLICT_CHOSEN), chosen.message)
        assertEquals(notes[0], first.workbook.visits.get(visit.id).content.note)
        assertEquals(4, chosen.history.size, "saved, edited twice, chosen")
        assertEquals("测试员甲", chosen.history[0].person)
    }

    @Test
    fun aNumberIsShownForAReasonAndGoesWithTheNextEvent() = screens { scope ->
        val (author, other) = listOf("测试员甲", "测试员乙").map { phone(it) }
        val home = author.workbook.households.save(
            Household(dwelling = readDwelling("3-1-501"), `class` = "red", phone = "13800000000"),
        )
        settle()
        val own = RecordPresenter(author.workbook, scope, home.id)
        assertEquals(emptyList<String>(), own.shows { it.record != null }.masked, "who wrote it sees it")
        val page = RecordPresenter(other.workbook, scope, home.id)
        assertEquals(listOf("phone"), page.shows { it.record != null }.masked)
        page.send(RecordEvent.Reveal("phone", ""))
        assertEquals(null, page.shows { it.problem != null }.revealed)
        page.send(RecordEvent.Reveal("phone", "联系住户"))
        val shown = page.shows { it.revealed != null }
        assertEquals(Revealed("phone", listOf("13800000000")), shown.revealed)
        assertFalse("13800000000" in shown.toString(), "a state that is logged gives no number away")
        page.send(RecordEvent.Hide)
        assertEquals(null, page.shows { it.revealed == null }.problem)
    }

    @Test
    fun withdrawingSaysWhyAndTakesNoEdits() = screens { scope ->
        val phone = phone("测试员甲")
        val visit = phone.visit(phone.household("3-1-501").id)
        val page = RecordPresenter(phone.workbook, scope, visit.id)
        page.shows { it.record != null }
        page.send(RecordEvent.Void("写错了户"))
        val withdrawn = page.shows { it.notice != null }
        assertEquals("写错了户", withdrawn.record?.header?.voided?.reason)
        page.send(RecordEvent.Void("再来一次"))
        assertEquals(Keys.VOIDED, page.shows { it.problem != null }.problem?.message?.key)
    }

    @Test
    fun whoIsNoLeadMayNotMark() = screens { scope ->
        val phone = phone("测试员甲")
        val page = RecordPresenter(phone.workbook, scope, phone.visit(phone.household("3-1-501").id).id)
        page.send(RecordEvent.Review(Mark.SEEN, ""))
        assertEquals(Keys.NOT_PERMITTED, page.shows { it.problem != null && it.record != null }.problem?.message?.key)
    }

    @Test
    fun aRefusedRecordSaysWhyUntilItsCauseIsSeenTo() = screens { scope ->
        val phone = phone("测试员甲")
        val visit = phone.visit(phone.household("3-1-501").id)
        phone.workbook.server.sync()
        // They may read from now on and write no more, but this phone has not heard of it yet.
        server("grant", "测试员甲", "auditor", Town.GRID)
        server("revoke", "grant", "测试员甲", "worker", Town.GRID)
        phone.workbook.visits.edit(visit.copy(content = visit.content.copy(note = "写在途中")))
        val sync = SyncPresenter(phone.workbook, scope)
        sync.shows { it.onPhone.isNotEmpty() }
        sync.send(SyncEvent.Start)
        val refused = sync.shows { it.refused.isNotEmpty() && !it.running && it.message != null }
        val because = Message("refusal.not_permitted")
        assertEquals(visit.id to listOf(because), refused.refused.single().let { it.record.id to it.reasons })
        assertEquals("您没有权限在这里写这类记录。请联系组长。", chinese.text(because))
        assertEquals(Message(Keys.SYNC_REFUSED), refused.headline)
        assertNotNull(refused.notes.find { it.key == Keys.SYNC_REFUSED })

        val page = RecordPresenter(phone.workbook, scope, visit.id)
        assertEquals(listOf(because), page.shows { it.record != null }.refusals)
        page.send(RecordEvent.Rescue)
        assertEquals(Keys.NOT_PERMITTED, page.shows { it.problem != null }.problem?.message?.key, "the cause is there still")

        sync.send(SyncEvent.Rescue(visit.id))
        assertEquals(Keys.NOT_PERMITTED, sync.shows { it.problem != null }.problem?.message?.key, "and so it is here")

        // With the role back the core tries again by itself, in the exchange after the one that brings it.
        server("grant", "测试员甲", "worker", Town.GRID)
        phone.workbook.server.sync()
        sync.send(SyncEvent.Start)
        val taken = sync.shows { it.refused.isEmpty() && it.onPhone.isEmpty() && !it.running }
        assertEquals(Message(Keys.NOTHING_WAITS), taken.headline)
        assertEquals(emptyList<Message>(), page.shows { it.refusals.isEmpty() }.refusals)
    }
}
