package org.gridbook.screens

import org.gridbook.DayLine
import org.gridbook.DiaryEntry
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class DiaryTests {
    @Test
    fun thePageIsTheDaysWorkAndTheEntryIsKept() = screens { scope ->
        val phone = phone("测试员甲")
        screen { first ->
            val diary = DiaryPresenter(phone.workbook, first)
            assertEquals("今天还没有记录", chinese.text(diary.shows { it.empty != null }.empty!!))
            diary.send(DiaryEvent.TypeText("楼道灯坏了"))
            diary.send(DiaryEvent.SetFollowUp(true))
        }
        phone.visit(phone.household("3-1-501").id)
        phone.reopen()
        val diary = DiaryPresenter(phone.workbook, scope)
        val resumed = diary.shows { it.page != null && it.form.text.isNotEmpty() }
        assertEquals("楼道灯坏了" to true, resumed.form.text to resumed.form.needsFollowUp)
        assertEquals(1uL, resumed.page?.visits)
        diary.send(DiaryEvent.Save)
        val page = diary.shows { it.page?.lines?.size == 2 && !it.saving }
        assertEquals("" to 1uL, page.form.text to page.page?.openFollowUps)
        assertTrue(phone.workbook.drafts.list().isEmpty())

        val entry = page.page!!.lines.filterIsInstance<DayLine.Entry>().single().entry
        diary.send(DiaryEvent.SetDone(entry.id, true))
        diary.shows { it.page?.openFollowUps == 0uL }
    }

    @Test
    fun discardingEmptiesTheForm() = screens { scope ->
        val phone = phone("测试员甲")
        val diary = DiaryPresenter(phone.workbook, scope)
        diary.shows { it.page != null }
        diary.send(DiaryEvent.ChooseCategory("safety"))
        diary.send(DiaryEvent.TypeText("楼道灯坏了"))
        diary.shows { it.kept }
        val typed = DiaryEntry(text = "楼道灯坏了", category = "safety")
        assertEquals(typed, phone.workbook.drafts.list().single().entry())
        diary.send(DiaryEvent.Discard)
        assertTrue(diary.shows { it.form.text.isEmpty() }.kept)
        assertTrue(phone.workbook.drafts.list().isEmpty())
    }

    @Test
    fun anEntryBelongsToTheDayThatIsShown() = screens { scope ->
        val diary = DiaryPresenter(phone("测试员甲").workbook, scope)
        val yesterday = diary.shows { it.page != null }.today!!.minusDays(1)
        diary.send(DiaryEvent.ShowDay(yesterday))
        diary.shows { it.page?.day == yesterday }
        diary.send(DiaryEvent.Save)
        assertEquals("text", diary.shows { it.problem != null && !it.saving }.problem?.field)
        diary.send(DiaryEvent.TypeText("补记"))
        diary.send(DiaryEvent.Save)
        diary.shows { it.page?.day == yesterday && it.page.lines.size == 1 }
        diary.send(DiaryEvent.ShowDay(null))
        assertTrue(diary.shows { it.page?.day == it.today }.page!!.lines.isEmpty())
    }
}
