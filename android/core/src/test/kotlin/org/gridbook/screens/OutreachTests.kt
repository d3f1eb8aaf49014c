package org.gridbook.screens

import java.time.temporal.ChronoUnit
import org.gridbook.Instant
import org.gridbook.NewVisit
import org.gridbook.Outcome
import org.gridbook.OutreachForm
import org.gridbook.Visit
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class OutreachTests {
    @Test
    fun aVisitFillsItAndARestartKeepsWhatTheVisitKnew() = screens { scope ->
        val phone = phone("测试员甲")
        val household = phone.household("3-1-501").id
        val yesterday = Instant.now().truncatedTo(ChronoUnit.MILLIS).minus(1, ChronoUnit.DAYS)
        val content = Visit(household = household, outcome = Outcome.MET)
        val visit = phone.workbook.visits.save(NewVisit(content, occurredAt = yesterday))
        val target = OutreachTarget.FromVisit(visit.id)
        screen { first ->
            val form = OutreachPresenter(phone.workbook, first, target)
            val filled = form.shows { it.dwellings.isNotEmpty() }
            assertEquals(listOf("3-1-501"), filled.dwellings)
            assertEquals(OutreachForm.DOOR to 1u, filled.form?.form to filled.form?.reached)
            assertTrue(phone.workbook.outreach.list().items.isEmpty(), "a tap alone makes no record")
            form.send(OutreachEvent.ToggleFraudType("fake_orders"))
            form.send(OutreachEvent.SetLeaflets(2u))
        }
        phone.reopen()
        val form = OutreachPresenter(phone.workbook, scope, target)
        form.shows { it.form?.leaflets == 2u }
        form.send(OutreachEvent.Save)
        val saved = form.shows { it.saved != null && !it.saving }.saved!!
        assertEquals(setOf("fake_orders"), saved.content.fraudTypes)
        assertEquals(visit.id to yesterday, saved.content.visit to saved.header.occurredAt)
        assertTrue(phone.workbook.drafts.list().isEmpty())
        assertEquals(listOf(saved.id), form.shows { it.latest.isNotEmpty() }.latest.map { it.id })
    }

    @Test
    fun withoutAPlaceTheFieldIsMarked() = screens { scope ->
        val form = OutreachPresenter(phone("测试员甲").workbook, scope)
        form.shows { it.form != null && it.none != null }
        form.send(OutreachEvent.ChooseForm(OutreachForm.TALK))
        form.send(OutreachEvent.Save)
        val problem = form.shows { it.problem != null && !it.saving }.problem!!
        assertEquals("请写地点或选择宣传到的户", chinese.text(problem.message))
        form.send(OutreachEvent.TypePlace("社区学校"))
        form.send(OutreachEvent.Save)
        assertEquals("社区学校", form.shows { it.saved != null }.saved?.content?.place)
    }
}
