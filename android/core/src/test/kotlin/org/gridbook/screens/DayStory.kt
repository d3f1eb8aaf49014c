package org.gridbook.screens

import org.gridbook.Mark
import org.gridbook.Outcome
import org.gridbook.Standing
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

/** A worker's day as the screens tell it, against the real core and a server process. */
class DayStory {
    @Test
    fun fromTheMorningListToTheAnswer() = screens { scope ->
        val phone = phone("测试员甲")
        val lead = phone("测试组长", role = "lead")
        listOf("12-1-301", "3-1-501").forEach { phone.household(it) }
        phone.workbook.server.sync()

        // The morning's list, and then no network.
        val first = screen { morning ->
            TodayPresenter(phone.workbook, morning).shows { it.due.size == 2 }.due.first()
        }
        assertEquals("3-1-501", first.dwelling)
        network.cut()
        typedUntilKilled(phone, "household", first.household)

        // The app starts again: the draft is on the page, the form goes on with it.
        val today = TodayPresenter(phone.workbook, scope)
        val draft = today.shows { it.drafts.isNotEmpty() }.drafts.single()
        val form = VisitPresenter(phone.workbook, scope, VisitTarget.OfDraft(draft.id))
        assertEquals("楼道堆物", form.shows { it.form != null }.form?.note)
        form.send(VisitEvent.ChooseOutcome(Outcome.MET))

        // One tap to the outreach; nothing is typed twice.
        form.send(VisitEvent.MakeOutreach)
        val visit = form.shows { it.outreachFrom != null }.outreachFrom!!
        val outreach = OutreachPresenter(phone.workbook, scope, OutreachTarget.FromVisit(visit))
        assertEquals(listOf("3-1-501"), outreach.shows { it.dwellings.isNotEmpty() }.dwellings)
        outreach.send(OutreachEvent.ToggleFraudType("fake_orders"))
        outreach.send(OutreachEvent.Save)
        outreach.shows { it.saved != null }
        today.shows { it.due.size == 1 && it.drafts.isEmpty() }

        // The network is back.
        val sync = SyncPresenter(phone.workbook, scope)
        assertEquals(2, sync.shows { it.onPhone.size == 2 }.onPhone.size)
        network.mend()
        sync.send(SyncEvent.Start)
        sync.shows { it.message?.key == Keys.SYNCED && it.onPhone.isEmpty() && !it.running }
        val page = RecordPresenter(phone.workbook, scope, visit)
        assertEquals("已到服务器", chinese.text(page.shows { it.record?.standing == Standing.OnServer }.standing!!))

        // The lead returns it.
        lead.workbook.server.sync()
        screen { desk ->
            val opened = RecordPresenter(lead.workbook, desk, visit)
            opened.shows { it.record != null }
            opened.send(RecordEvent.Review(Mark.RETURNED, "请写清是几楼"))
            opened.shows { it.notice == Message(Keys.RETURNED) }
        }
        lead.workbook.server.sync()
        sync.send(SyncEvent.Start)
        val returned = page.shows { it.notice == Message(Keys.RETURNED) && it.reviews.isNotEmpty() }
        val review = returned.reviews.single()
        assertEquals(listOf("测试组长", "请写清是几楼"), listOf(review.person, review.note))
        sync.shows { !it.running }

        // The answer is an edit.
        val answer = VisitPresenter(phone.workbook, scope, VisitTarget.OfRecord(visit))
        answer.shows { it.saved != null }
        answer.send(VisitEvent.TypeNote("三楼楼道堆物"))
        answer.send(VisitEvent.Save)
        page.shows { it.notice == null && it.record?.standing == Standing.OnPhone }
        sync.send(SyncEvent.Start)
        sync.shows { it.onPhone.isEmpty() && !it.running }
        lead.workbook.server.sync()
        val read = lead.workbook.visits.get(visit)
        assertEquals("三楼楼道堆物" to Standing.OnServer, read.content.note to read.standing)
        assertEquals(2, page.shows { it.history.size == 2 }.history.size)
    }
}
