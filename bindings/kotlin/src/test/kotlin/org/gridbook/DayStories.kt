package org.gridbook

import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.produceIn
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** A worker's day. */
class DayStories {
    @Test
    fun offlineDay() = story {
        val phone = phone("测试员甲")
        network.cut()
        val workbook = phone.workbook
        val (far, near) = listOf("12-1-301", "3-1-501").map { phone.household(it) }
        val today = workbook.diary.today()
        val due = workbook.households.due(today).items
        assertEquals(listOf(near.id, far.id), due.map { it.household.id }, "in walking order")
        assertEquals(DueReason.NEVER_VISITED, due[0].due.reason)

        val visit = phone.visit(near.id, note = "提醒警惕刷单返利")
        val outreach = workbook.visits.outreachFrom(visit.id)
        assertEquals(setOf(near.id.toString()), outreach.content.households, "nothing is typed twice")
        val filled = outreach.content.copy(fraudTypes = setOf("fake_orders"), leaflets = 2u)
        val told = workbook.outreach.save(outreach.copy(content = filled))
        workbook.diary.save(DiaryEntry(text = "楼道灯坏了，已报修", needsFollowUp = true))

        val page = workbook.diary.page(today)
        assertEquals(listOf(1uL, 1uL, 1uL, 1uL), listOf(page.visits, page.met, page.reached, page.openFollowUps))
        assertEquals(
            listOf("3-1-501"),
            page.lines.filterIsInstance<DayLine.Visit>().map { line -> line.dwelling?.let { writeDwelling(it) } },
        )
        assertEquals(listOf(far.id), workbook.households.due(today).items.map { it.household.id })
        val found = workbook.records.search("刷单").items.map { it.id }
        assertEquals(listOf(told.id, visit.id), found, "by the word of its fraud type, and by what was written")
        assertEquals(Standing.OnPhone, workbook.visits.get(visit.id).standing)
        assertEquals(5uL, phone.unsent())
        val missing = failure { workbook.visits.save(Visit(household = near.id)) }
        val invalid = assertInstanceOf(GridbookException.Invalid::class.java, missing)
        assertEquals(Kind.VISIT to "outcome", invalid.kind to invalid.`field`)
        assertInstanceOf(GridbookException.Offline::class.java, failure { workbook.server.sync() })
        assertEquals(5uL, phone.unsent(), "nothing is lost by trying")
    }

    @Test
    fun reconnect() = story {
        val phone = phone("测试员甲")
        val lead = phone("测试组长", role = "lead")
        network.cut()
        val visit = phone.visit(phone.household("3-1-501").id, note = "楼道堆物")
        coroutineScope {
            val receipts = phone.workbook.records.receipts(visit.id).produceIn(this)
            suspend fun next() = withTimeout(10_000) { receipts.receive() }
            assertEquals(Standing.OnPhone, next())
            network.mend()

            val report = phone.workbook.server.sync()
            assertEquals(2uL to 0uL, report.sent to report.received)
            assertNull(phone.workbook.server.progress.value, "the exchange is over")
            assertEquals(Standing.OnServer, next())

            lead.workbook.server.sync()
            lead.workbook.reviews.mark(visit.id, Mark.SEEN, "已转消防安全馆")
            lead.workbook.server.sync()
            phone.workbook.server.sync()
            assertEquals(Standing.Reviewed(Mark.SEEN), next())
            receipts.cancel()
        }
        assertEquals("已转消防安全馆", phone.workbook.reviews.of(visit.id).single().content.note)
        assertTrue(phone.workbook.people.directory().people.any { it.name == "测试组长" })
    }
}
