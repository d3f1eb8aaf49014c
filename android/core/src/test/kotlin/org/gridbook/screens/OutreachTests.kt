package org.gridbook.screens

import java.time.temporal.ChronoUnit
import org.gridbook.Instant
import org.gridbook.NewVisit
import org.gridbook.Outcome
import org.gridbook.Outreach
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

        val again = OutreachPresenter(phone.workbook, scope, target)
        assertEquals(saved.id, again.shows { it.saved != null }.saved?.id, "a second tap opens the one that there is")
    }

    @Test
    fun everyFieldIsTakenAsItIsTyped() = screens { scope ->
        val phone = phone("测试员甲")
        val household = phone.household("3-1-501").id
        val form = OutreachPresenter(phone.workbook, scope)
        form.shows { it.form != null }
        val events = listOf(
            OutreachEvent.ChooseForm(OutreachForm.TALK), OutreachEvent.TypePlace("广场"), OutreachEvent.TypeBuilding("3"),
            OutreachEvent.ToggleHousehold(household),
            OutreachEvent.ToggleFraudType("loan"), OutreachEvent.ToggleFraudType("shopping"), OutreachEvent.ToggleFraudType("loan"),
            OutreachEvent.SetReached(30u), OutreachEvent.SetLeaflets(20u), OutreachEvent.SetConsultations(3u),
            OutreachEvent.SetDissuaded(1u), OutreachEvent.TypeNote("讲了案例"),
        )
        events.forEach(form::send)
        assertEquals(listOf("3-1-501"), form.shows { it.dwellings.isNotEmpty() }.dwellings)
        form.send(OutreachEvent.Save)
        val wanted = Outreach(
            form = OutreachForm.TALK, place = "广场", building = "3", households = setOf("$household"),
            fraudTypes = setOf("shopping"), reached = 30u, leaflets = 20u, consultations = 3u, dissuaded = 1u, note = "讲了案例",
        )
        assertEquals(wanted, form.shows { it.saved != null && !it.saving }.saved?.content)
    }

    @Test
    fun aResumedEditDoesNotOverwriteAColleague() = screens { scope ->
        val (phone, other) = listOf("测试员甲", "测试员乙").map { phone(it) }
        val talk = Outreach(form = OutreachForm.TALK, place = "广场", note = "讲了案例")
        val outreach = phone.workbook.outreach.save(talk)
        settle()
        screen { first ->
            val form = OutreachPresenter(phone.workbook, first, OutreachTarget.OfRecord(outreach.id))
            form.shows { it.saved != null }
            form.send(OutreachEvent.TypeNote("发了传单"))
        }
        phone.reopen()
        val theirs = talk.copy(note = "放了短片", reached = 30u)
        other.workbook.outreach.edit(other.workbook.outreach.get(outreach.id).copy(content = theirs))
        other.workbook.server.sync()
        phone.workbook.server.sync()
        val form = OutreachPresenter(phone.workbook, scope, OutreachTarget.OfDraft(outreach.id))
        assertEquals("发了传单", form.shows { it.saved != null }.form?.note)
        form.send(OutreachEvent.Save)
        val saved = form.shows { it.saved?.conflicts == 1u && !it.saving }.saved!!
        assertEquals(30u, saved.content.reached)
        assertTrue(phone.workbook.drafts.list().isEmpty())
    }

    @Test
    fun discardingLeavesNothingAndTheScreen() = screens { scope ->
        val phone = phone("测试员甲")
        val form = OutreachPresenter(phone.workbook, scope)
        form.shows { it.form != null }
        form.send(OutreachEvent.TypePlace("广场"))
        form.shows { it.kept }
        assertEquals(1, phone.workbook.drafts.list().size)
        form.send(OutreachEvent.Discard)
        form.shows { it.closed }
        assertTrue(phone.workbook.drafts.list().isEmpty())
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
