package org.gridbook.screens

import org.gridbook.Checklist
import org.gridbook.NewTemplate
import org.gridbook.Recurrence
import org.gridbook.Template
import org.gridbook.TemplateItem
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class ChecklistsTests {
    @Test
    fun listsBeginFromTemplatesAndMoveWithEveryonesTicks() = screens { scope ->
        val (mine, other) = listOf("组员甲" to "lead", "组员乙" to "member").map { (name, role) ->
            phone(name, role = role, scope = "安全防范")
        }
        val group = mine.workbook.checklists.groups().single()
        val items = mapOf("patrol" to TemplateItem(title = "夜间巡逻", people = 2u))
        val lists = ChecklistsPresenter(mine.workbook, scope)
        assertEquals("现在没有清单", chinese.text(lists.shows { it.empty != null }.empty!!))
        mine.workbook.checklists.saveTemplate(NewTemplate(Template("联防", group, Recurrence.DAILY, items)))
        lists.send(ChecklistsEvent.BeginPeriod)
        val begun = lists.shows { it.lists.isNotEmpty() }.lists.single()
        assertEquals("安全防范" to 2u, begun.group to begun.items.single().needed)
        settle()

        lists.send(ChecklistsEvent.Tick(begun.id, "patrol"))
        val ticked = lists.shows { it.lists.single().items.single().mine }.lists.single()
        assertFalse(ticked.items.single().done, "one of two")
        other.workbook.checklists.tick(begun.id, "patrol")
        other.workbook.server.sync()
        settle()
        val done = lists.shows { it.lists.single().done == 1 }.lists.single().items.single()
        assertEquals(setOf<String?>("组员甲", "组员乙"), done.by.toSet())

        lists.send(ChecklistsEvent.Untick(begun.id, "patrol"))
        val left = lists.shows { !it.lists.single().items.single().mine }.lists.single().items.single()
        assertEquals(listOf<String?>("组员乙"), left.by)
        lists.send(ChecklistsEvent.Tick(begun.id, "unheard-of"))
        assertTrue(lists.shows { it.problem != null }.lists.isNotEmpty())
    }

    @Test
    fun theListGoesOnWhenMoreIsAskedFor() = screens { scope ->
        val phone = phone("组员甲", role = "member", scope = "安全防范")
        val checklists = phone.workbook.checklists
        val group = checklists.groups().single()
        for (number in 1..31) checklists.save(Checklist("第${number}周", group))
        val lists = ChecklistsPresenter(phone.workbook, scope)
        assertTrue(lists.shows { it.lists.size == 30 }.more)
        lists.send(ChecklistsEvent.More)
        assertFalse(lists.shows { it.lists.size == 31 }.more)
    }
}
