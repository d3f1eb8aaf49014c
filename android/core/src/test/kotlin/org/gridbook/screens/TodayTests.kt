package org.gridbook.screens

import org.gridbook.Checklist
import org.gridbook.ChecklistItem
import org.gridbook.Content
import org.gridbook.Kind
import org.gridbook.Visit
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class TodayTests {
    @Test
    fun dueHouseholdsStandInWalkingOrderUntilTheyAreVisited() = screens { scope ->
        val phone = phone("测试员甲")
        val (far, near) = listOf("12-1-301", "3-1-501").map { phone.household(it).id }
        val today = TodayPresenter(phone.workbook, scope)
        val morning = today.shows { it.due.size == 2 && it.sync != null }
        assertEquals(listOf("3-1-501" to near, "12-1-301" to far), morning.due.map { it.dwelling to it.household })
        assertEquals("还没走访过", chinese.text(morning.due[0].reason))
        assertNull(morning.noneDue)
        assertEquals(phone.workbook.diary.today(), morning.day)
        assertEquals("2 项改动在手机上，待上传", chinese.text(morning.sync!!.message))

        phone.visit(near)
        assertEquals(listOf(far), today.shows { it.due.size == 1 }.due.map { it.household })
        phone.visit(far)
        assertEquals("今天没有到期的走访", chinese.text(today.shows { it.due.isEmpty() }.noneDue!!))
        phone.workbook.server.sync()
        today.shows { it.sync?.message == Message(Keys.NOTHING_WAITS) }
    }

    @Test
    fun theListGoesOnWhenMoreIsAskedFor() = screens { scope ->
        val phone = phone("测试员甲")
        for (floor in 1..60) phone.household("3-1-${floor}01")
        val today = TodayPresenter(phone.workbook, scope)
        assertFalse(today.shows { it.due.size == 60 }.moreDue, "these are all")
        phone.household("3-1-6101")
        today.shows { it.moreDue }
        assertTrue(today.shows { it.due.size == 60 }.moreDue)
        today.send(TodayEvent.More)
        assertFalse(today.shows { it.due.size == 61 }.moreDue)
    }

    @Test
    fun draftsSayWhatTheyAreAbout() = screens { scope ->
        val phone = phone("测试员甲")
        val household = phone.household("3-1-501").id
        val today = TodayPresenter(phone.workbook, scope)
        val draft = phone.workbook.drafts.begin(Content.Visit(Visit(household = household)))
        val line = today.shows { it.drafts.isNotEmpty() }.drafts.single()
        assertEquals(Triple(draft.id, Kind.VISIT, "3-1-501"), Triple(line.id, line.kind, line.about))
        phone.workbook.drafts.discard(draft.id)
        today.shows { it.drafts.isEmpty() }
    }

    @Test
    fun tasksAreTheItemsThatWaitForThisPerson() = screens { scope ->
        val phone = phone("组员甲", role = "member", scope = "安全防范")
        val workbook = phone.workbook
        val group = workbook.checklists.groups().single()
        val day = workbook.diary.today()
        val items = mapOf(
            "later" to ChecklistItem(title = "检查烟感", position = 1u),
            "first" to ChecklistItem(title = "检查消防通道", due = day.minusDays(1), position = 2u),
            "others" to ChecklistItem(title = "夜间巡逻", position = 3u),
            "off" to ChecklistItem(title = "旧事项", removed = true),
        )
        val asked = mapOf("others" to setOf("somebody else"))
        val list = workbook.checklists.save(
            Checklist("本周", group, day.minusDays(2), day.plusDays(2), items = items, assignees = asked),
        )
        // Missed so long ago that it is asked for no more.
        val over = Checklist("上上周", group, day.minusDays(19), day.minusDays(13), items = items)
        workbook.checklists.save(over)

        val today = TodayPresenter(workbook, scope)
        val tasks = today.shows { it.tasks.isNotEmpty() }.tasks
        assertEquals(listOf("first" to true, "later" to false), tasks.map { it.item to it.overdue })
        assertEquals(setOf(list.id), tasks.map { it.checklist }.toSet())
        tasks.forEach { today.send(TodayEvent.Tick(it.checklist, it.item)) }
        assertEquals("没有要做的事项", chinese.text(today.shows { it.noTasks != null }.noTasks!!))
    }
}
