package org.gridbook.screens

import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.Job
import kotlinx.coroutines.cancel
import kotlinx.coroutines.delay
import kotlinx.coroutines.plus
import kotlinx.coroutines.test.StandardTestDispatcher
import kotlinx.coroutines.test.advanceTimeBy
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.withTimeout
import org.gridbook.Day
import org.gridbook.FieldValue
import org.gridbook.Guard
import org.gridbook.Instant
import org.gridbook.Kind
import org.gridbook.Outcome
import org.gridbook.Phone
import org.gridbook.RecordId
import org.gridbook.Visit
import org.gridbook.Workbook
import org.gridbook.editsExisting
import org.gridbook.story
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

@OptIn(ExperimentalCoroutinesApi::class)
class VisitTests {
    @Test
    fun whatIsTypedIsKeptFromTheFirstKeystroke() = story {
        val phone = phone("测试员甲")
        val household = phone.household("3-1-501").id
        phone.close()
        // A clock of the test's own: every call of the workbook runs on it.
        runTest {
            val dispatcher = StandardTestDispatcher(testScheduler)
            val workbook = phone.open(dispatcher)
            val scope = backgroundScope + Job()
            val form = VisitPresenter(workbook, scope, VisitTarget.ToHousehold(household))
            runCurrent()
            assertEquals("3-1-501", form.state.value.dwelling)
            assertTrue(workbook.drafts.list().isEmpty(), "looking keeps nothing")

            form.send(VisitEvent.TypeNote("楼"))
            assertEquals("楼" to false, form.state.value.form?.note to form.state.value.kept)
            runCurrent()
            assertEquals("楼", kept(workbook), "at once")
            assertTrue(form.state.value.kept)

            form.send(VisitEvent.TypeNote("楼道"))
            advanceTimeBy(200)
            form.send(VisitEvent.TypeNote("楼道堆"))
            assertEquals("楼", kept(workbook), "a quick typist is written down once")
            advanceTimeBy(101)
            runCurrent()
            assertEquals("楼道堆", kept(workbook), "and does not put it off by typing on")

            form.send(VisitEvent.TypeNote("楼道堆物"))
            scope.cancel()
            runCurrent()
            assertEquals("楼道堆物", kept(workbook), "going away keeps the rest")
            workbook.close()
        }
        phone.reopen()
        screen { scope ->
            val again = VisitPresenter(phone.workbook, scope, VisitTarget.ToHousehold(household))
            val state = again.shows { it.form != null && it.message != null }
            assertEquals("楼道堆物" to Message(Keys.DRAFT_FOUND), state.form?.note to state.message)
            assertEquals(1, phone.workbook.drafts.list().size)
        }
    }

    private suspend fun kept(workbook: Workbook): String? = workbook.drafts.list().single().visit()?.note

    @Test
    fun theCoreChecksAndTheDraftStays() = screens { scope ->
        val phone = phone("测试员甲")
        val form = VisitPresenter(phone.workbook, scope, VisitTarget.ToHousehold(phone.household("3-1-501").id))
        form.shows { it.form != null }
        form.send(VisitEvent.TypeNote("楼道堆物"))
        form.send(VisitEvent.Save)
        val refused = form.shows { it.problem != null && !it.saving }
        assertEquals(Kind.VISIT to "outcome", refused.problem?.kind to refused.problem?.field)
        assertEquals("请选择走访结果", chinese.text(refused.problem!!.message))
        assertEquals("楼道堆物", phone.workbook.drafts.list().single().visit()?.note)
        assertNull(refused.saved)

        form.send(VisitEvent.ChooseOutcome(Outcome.NOT_MET))
        assertNull(form.state.value.problem, "the mark goes with the next event")
        form.send(VisitEvent.TogglePurpose("routine"))
        form.send(VisitEvent.Save)
        val saved = form.shows { it.saved != null && !it.saving }
        assertEquals(setOf("routine"), saved.saved?.content?.purposes)
        assertTrue(saved.form?.nextVisit != null, "the core has scheduled the retry")
        assertEquals("楼道堆物", phone.workbook.visits.get(saved.saved!!.id).content.note)
        assertTrue(phone.workbook.drafts.list().isEmpty())
    }

    @Test
    fun everyFieldIsTakenAsItIsTyped() = screens { scope ->
        val phone = phone("测试员甲")
        val household = phone.household("3-1-501").id
        val form = VisitPresenter(phone.workbook, scope, VisitTarget.ToHousehold(household))
        form.shows { it.form != null }
        val (began, ended) = Instant.parse("2026-11-23T01:00:00Z") to Instant.parse("2026-11-23T01:20:00Z")
        val events = listOf(
            VisitEvent.ChooseOutcome(Outcome.PHONE),
            VisitEvent.TogglePurpose("routine"), VisitEvent.TogglePurpose("care"), VisitEvent.TogglePurpose("routine"),
            VisitEvent.ToggleHazard("ebike_indoors"), VisitEvent.ToggleHazard("mixed_use"), VisitEvent.ToggleHazard("mixed_use"),
            VisitEvent.TypeNote("见闻"), VisitEvent.TypeRequests("诉求"), VisitEvent.TypeCompanions("同行"),
            VisitEvent.ChooseStarted(began), VisitEvent.ChooseEnded(ended), VisitEvent.ChooseNextVisit(Day.of(2026, 12, 1)),
            VisitEvent.Save,
        )
        events.forEach(form::send)
        val wanted = Visit(
            household = household, outcome = Outcome.PHONE, purposes = setOf("care"), hazards = setOf("ebike_indoors"),
            note = "见闻", requests = "诉求", companions = "同行", started = began, ended = ended,
            nextVisit = Day.of(2026, 12, 1),
        )
        assertEquals(wanted, form.shows { it.saved != null && !it.saving }.saved?.content)
    }

    @Test
    fun oneTapLeadsToAnOutreach() = screens { scope ->
        val phone = phone("测试员甲")
        val form = VisitPresenter(phone.workbook, scope, VisitTarget.ToHousehold(phone.household("3-1-501").id))
        form.shows { it.form != null }
        form.send(VisitEvent.MakeOutreach)
        assertNull(form.shows { it.problem != null && !it.saving }.outreachFrom, "not from what cannot be saved")
        form.send(VisitEvent.ChooseOutcome(Outcome.MET))
        form.send(VisitEvent.MakeOutreach)
        val visit = form.shows { it.outreachFrom != null && !it.saving }
        assertEquals(visit.saved?.id, visit.outreachFrom)
        form.send(VisitEvent.OutreachOpened)
        form.send(VisitEvent.MakeOutreach)
        form.shows { it.outreachFrom == visit.outreachFrom && !it.saving }
        assertEquals(1, phone.workbook.visits.list().items.size, "saved once")
    }

    @Test
    fun anEditWritesOnlyWhatWasTyped() = screens { scope ->
        val phone = phone("测试员甲")
        val visit = phone.visit(phone.household("3-1-501").id, note = "开门见山")
        val form = VisitPresenter(phone.workbook, scope, VisitTarget.OfRecord(visit.id))
        form.shows { it.saved != null }
        // Meanwhile a colleague's edit arrives.
        phone.workbook.visits.edit(visit.copy(content = visit.content.copy(requests = "修路灯")))
        form.send(VisitEvent.TypeCompanions("测试社工"))
        assertTrue(phone.workbook.draftOf(visit.id).editsExisting)
        form.send(VisitEvent.Save)
        val merged = form.shows { it.saved?.content?.companions == "测试社工" && !it.saving }.saved!!
        assertEquals("修路灯" to 0u, merged.content.requests to merged.conflicts)
    }

    @Test
    fun aResumedEditDoesNotOverwriteAColleague() = screens { scope ->
        val (phone, other) = listOf("测试员甲", "测试员乙").map { phone(it) }
        val visit = phone.visit(phone.household("3-1-501").id, note = "老人独居")
        settle()
        typedUntilKilled(phone, "visit", visit.id)
        val theirs = visit.content.copy(note = "女儿每周来", requests = "修路灯")
        other.workbook.visits.edit(other.workbook.visits.get(visit.id).copy(content = theirs))
        other.workbook.server.sync()
        phone.workbook.server.sync()

        val form = VisitPresenter(phone.workbook, scope, VisitTarget.OfRecord(visit.id))
        assertEquals("楼道堆物", form.shows { it.saved != null }.form?.note)
        form.send(VisitEvent.TypeCompanions("测试社工"))
        form.send(VisitEvent.Save)
        val saved = form.shows { it.saved?.content?.companions == "测试社工" && !it.saving }.saved!!
        assertEquals("修路灯" to 1u, saved.content.requests to saved.conflicts)
        val page = RecordPresenter(phone.workbook, scope, visit.id)
        val choices = page.shows { it.conflicts.isNotEmpty() }.conflicts.single().choices
        assertEquals(setOf("女儿每周来", "楼道堆物"), choices.map { (it.value as FieldValue.Text).v1 }.toSet())
    }

    @Test
    fun discardingLeavesNothingAndTheScreen() = screens { scope ->
        val phone = phone("测试员甲")
        val form = VisitPresenter(phone.workbook, scope, VisitTarget.ToHousehold(phone.household("3-1-501").id))
        form.shows { it.form != null }
        form.send(VisitEvent.TypeRequests("修路灯"))
        form.shows { it.kept }
        form.send(VisitEvent.Discard)
        form.shows { it.closed }
        assertTrue(phone.workbook.drafts.list().isEmpty())
        assertFalse(form.state.value.loading)
    }

    @Test
    fun aVisitThatIsNotHereIsAProblemOfTheState() = screens { scope ->
        val phone = phone("测试员甲")
        val form = VisitPresenter(phone.workbook, scope, VisitTarget.OfRecord(RecordId.randomUUID()))
        val problem = form.shows { it.problem != null }.problem!!
        assertEquals(Keys.NOT_FOUND to Action.SYNC, problem.message.key to problem.action)
    }
}

private suspend fun Workbook.draftOf(id: RecordId) = withTimeout(30_000) {
    var draft = drafts.get(id)
    while (draft == null) {
        delay(5)
        draft = drafts.get(id)
    }
    draft
}

private suspend fun Phone.open(dispatcher: CoroutineDispatcher): Workbook =
    Guard.inFolder("$file", "${folder.resolve("vault")}", dispatcher).use { it.open() }
