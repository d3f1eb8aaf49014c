package org.gridbook.screens

import org.gridbook.DayLine
import org.gridbook.DiaryEntry
import org.gridbook.Kind
import org.gridbook.Mark
import org.gridbook.OutreachForm
import org.gridbook.Standing
import org.gridbook.editsExisting
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
    fun anEntryKeepsTheDayOnWhichItWasBegun() = screens { scope ->
        val phone = phone("测试员甲")
        val yesterday = phone.workbook.diary.today().minusDays(1)
        screen { first ->
            val diary = DiaryPresenter(phone.workbook, first)
            diary.send(DiaryEvent.ShowDay(yesterday))
            diary.shows { it.page?.day == yesterday }
            diary.send(DiaryEvent.TypeText("补记"))
            // Looking at another page does not move what is being written.
            diary.send(DiaryEvent.ShowDay(null))
            diary.shows { it.page?.day == it.today }
        }
        phone.reopen()
        val diary = DiaryPresenter(phone.workbook, scope)
        diary.shows { it.page?.day == yesterday && it.form.text == "补记" }
        diary.send(DiaryEvent.Save)
        diary.shows { it.page?.day == yesterday && it.page.lines.size == 1 && !it.saving }
    }

    @Test
    fun aReturnedEntryIsAnsweredInItsForm() = screens { scope ->
        val phone = phone("测试员甲")
        val lead = phone("组长甲", role = "lead", scope = "虚构社区")
        val entry = phone.workbook.diary.save(DiaryEntry(text = "楼道灯坏了"))
        settle()
        lead.workbook.reviews.mark(entry.id, Mark.RETURNED, "哪一层？")
        settle()
        screen { first ->
            val diary = DiaryPresenter(phone.workbook, first, DiaryTarget.OfRecord(entry.id))
            diary.shows { it.saved?.standing == Standing.Reviewed(Mark.RETURNED) && it.form.text == "楼道灯坏了" }
            diary.send(DiaryEvent.TypeText("三楼楼道灯坏了"))
        }
        // The app was killed; today's page shows the draft, which opens its form.
        val draft = phone.workbook.drafts.list().single()
        assertEquals(entry.id to true, draft.id to draft.editsExisting)
        assertEquals("", DiaryPresenter(phone.workbook, scope).shows { it.page != null }.form.text, "it is no new entry")
        val diary = DiaryPresenter(phone.workbook, scope, DiaryTarget.OfDraft(entry.id))
        diary.shows { it.form.text == "三楼楼道灯坏了" }
        diary.send(DiaryEvent.Save)
        val saved = diary.shows { it.message == Message(Keys.SAVED) && !it.saving }
        assertEquals("三楼楼道灯坏了", saved.saved?.content?.text)
        assertEquals(listOf("三楼楼道灯坏了"), phone.workbook.diary.list().items.map { it.content.text })
        assertEquals(2, phone.workbook.records.history(entry.id).size)
        assertTrue(phone.workbook.drafts.list().isEmpty())
    }

    @Test
    fun whoWorksInTwoGridsIsAskedWhich() = screens { scope ->
        server("scopes", "add", "第二网格", "--community", "虚构社区")
        val phone = phone("测试员甲")
        server("grant", "测试员甲", "worker", "第二网格")
        phone.workbook.server.sync()
        val diary = DiaryPresenter(phone.workbook, scope)
        val grids = diary.shows { it.grids.size == 2 && it.page != null }.grids
        diary.send(DiaryEvent.TypeText("楼道灯坏了"))
        diary.send(DiaryEvent.Save)
        val asked = diary.shows { it.problem != null && !it.saving }
        assertEquals("grid" to "楼道灯坏了", asked.problem?.field to asked.form.text)
        val second = grids.single { it.name == "第二网格" }
        diary.send(DiaryEvent.ChooseGrid(second.id))
        diary.send(DiaryEvent.Save)
        diary.shows { it.message == Message(Keys.SAVED) }
        assertEquals(second.id, phone.workbook.diary.list().items.single().header.grid)

        val outreach = OutreachPresenter(phone.workbook, scope)
        assertEquals(grids, outreach.shows { it.grids.isNotEmpty() }.grids)
        outreach.send(OutreachEvent.ChooseForm(OutreachForm.TALK))
        outreach.send(OutreachEvent.TypePlace("活动室"))
        outreach.send(OutreachEvent.ChooseGrid(second.id))
        outreach.shows { it.kept && it.grid == second.id }
        val draft = phone.workbook.drafts.list().single { it.kind == Kind.OUTREACH }
        screen { another ->
            val resumed = OutreachPresenter(phone.workbook, another, OutreachTarget.OfDraft(draft.id))
            assertEquals(second.id, resumed.shows { it.grid != null }.grid, "the draft keeps it")
        }
        outreach.send(OutreachEvent.Save)
        assertEquals(second.id, outreach.shows { it.saved != null }.saved?.header?.grid)
    }

    @Test
    fun discardingEmptiesTheForm() = screens { scope ->
        val phone = phone("测试员甲")
        val diary = DiaryPresenter(phone.workbook, scope)
        diary.shows { it.page != null }
        diary.send(DiaryEvent.ChooseCategory("safety"))
        diary.send(DiaryEvent.TypeText("楼道灯坏了"))
        diary.shows { it.kept }
        val typed = DiaryEntry(text = "楼道灯坏了", category = "safety", date = diary.state.value.today)
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
