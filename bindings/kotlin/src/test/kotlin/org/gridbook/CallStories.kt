package org.gridbook

import java.time.Instant
import java.time.temporal.ChronoUnit
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.drop
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.onEach
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** Each call of the layer reaches the core's call of its name with all that it was given. */
class CallStories {
    @Test
    fun everyListGoesOnWhereItsPageEnded() = story {
        val phone = phone("组长甲", role = "lead", scope = "虚构社区")
        val workbook = phone.workbook
        val grid = workbook.people.directory().scopes.single { it.name == Town.GRID }.id
        val group = workbook.checklists.groups().first()
        val homes = listOf("3-1-501", "12-1-301").map { dwelling ->
            val household = Household(dwelling = readDwelling(dwelling), `class` = "red")
            workbook.households.save(NewHousehold(household, grid = grid)).id
        }
        val walk = workbook.households.walk(most = 1u)
        assertEquals(homes, listOf(walk, workbook.households.walk(walk.next, 1u)).map { it.items.single().id })
        val due = workbook.households.due(workbook.diary.today(), most = 1u)
        val rest = workbook.households.due(workbook.diary.today(), due.next, 1u)
        assertEquals(homes, listOf(due, rest).map { it.items.single().household.id })

        val visits = homes.map { phone.visit(it, note = "消防检查").id }
        val page = workbook.visits.list(most = 1u)
        assertEquals(visits.reversed(), listOf(page, workbook.visits.list(after = page.next, most = 1u)).map { it.items.single().id })
        assertEquals(visits.take(1), workbook.visits.list(Filter(subject = homes[0])).items.map { it.id })
        val found = workbook.records.search("消防", most = 1u)
        val more = workbook.records.search("消防", found.next, 1u)
        assertEquals(visits.reversed(), listOf(found, more).map { it.items.single().id })

        val entries = listOf("早", "晚").map { workbook.diary.save(NewDiaryEntry(DiaryEntry(text = it), grid = grid)).id }
        val day = workbook.diary.list(most = 1u)
        assertEquals(entries.reversed(), listOf(day, workbook.diary.list(after = day.next, most = 1u)).map { it.items.single().id })

        val talks = listOf("学校", "广场").map {
            workbook.outreach.save(NewOutreach(Outreach(form = OutreachForm.TALK, place = it), grid = grid)).id
        }
        val log = workbook.outreach.list(most = 1u)
        assertEquals(talks.reversed(), listOf(log, workbook.outreach.list(after = log.next, most = 1u)).map { it.items.single().id })

        val lists = listOf("一", "二").map { workbook.checklists.save(Checklist(title = it, group = group)).id }
        val first = workbook.checklists.list(most = 1u)
        val second = workbook.checklists.list(after = first.next, most = 1u)
        assertEquals(lists.reversed(), listOf(first, second).map { it.items.single().id })
        val items = mapOf("i1" to TemplateItem(title = "巡查"))
        val templates = listOf("甲", "乙").map {
            workbook.checklists.saveTemplate(NewTemplate(Template(it, group, Recurrence.WEEKLY, items)))
        }
        val top = workbook.checklists.templates(most = 1u)
        val next = workbook.checklists.templates(after = top.next, most = 1u)
        assertEquals(templates.map { it.id }.reversed(), listOf(top, next).map { it.items.single().id })
        val paused = templates[0].copy(content = templates[0].content.copy(paused = true))
        assertTrue(workbook.checklists.editTemplate(paused).content.paused)
    }

    @Test
    fun whatAPersonAsksForIsFound() = story {
        val phone = phone("测试员甲")
        val workbook = phone.workbook
        val home = phone.household("3-1-501")
        val visit = phone.visit(home.id, note = "消防检查")
        assertEquals(listOf(home.id), workbook.households.at(readDwelling("3-1-501")!!).map { it.id })
        assertEquals(home.id, workbook.households.find("3-1-501").id)
        assertEquals(listOf(visit.id), workbook.households.visits(home.id).items.map { it.id })
        val edited = workbook.households.edit(home.copy(content = home.content.copy(note = "二楼")))
        assertEquals("二楼", edited.content.note)
        assertEquals(visit.id, workbook.records.find(visit.id.toString().takeLast(8)))
        assertTrue(workbook.records.export(visit.id).isNotEmpty())
        assertEquals(0 to 0, workbook.records.erasures().size to workbook.records.handOvers().size)
        val today = workbook.diary.today()
        assertEquals(today, workbook.diary.dayOf(workbook.diary.startOf(today)))
        assertEquals(today.minusDays(1), workbook.diary.dayOf(workbook.diary.startOf(today).minus(1, ChronoUnit.MILLIS)))
        for (millis in listOf(1, 999, 1_764_000_000_123, -86_400_000, -1_234)) {
            val started = Instant.ofEpochMilli(millis)
            val met = Visit(household = home.id, started = started, outcome = Outcome.MET)
            assertEquals(started, workbook.visits.save(met).content.started)
        }
        assertTrue(workbook.diary.summary(today.minusDays(9), today.minusDays(1)).counts.isEmpty())
        assertEquals(listOf(Kind.VISIT to 1uL), workbook.diary.summary(today, today.plusDays(1)).counts.map { it.kind to it.records })
        assertEquals(listOf(Role.WORKER), workbook.people.grants().map { it.role })
        val person = workbook.people.person()
        assertEquals(listOf("测试员甲"), workbook.people.watchDirectory().first().people.filter { it.id == person }.map { it.name })
        assertEquals(1uL, workbook.diary.page(today, person).visits)
        assertEquals(0uL, workbook.diary.page(today, "somebody else").visits)

        val roster = "住址,户分类\n5-1-101,红\n5-1-102,绿\n".encodeToByteArray()
        assertEquals(2uL, workbook.households.import("名册.csv", roster).imported)
        assertEquals(3, workbook.households.walk().items.size)
    }

    @Test
    fun whoUnticksNamesWhom() = story {
        val (first, second) = listOf("组员甲", "组员乙").map { phone(it, role = "member", scope = "安全防范") }
        val mine = first.workbook.checklists
        val items = mapOf("i1" to ChecklistItem(title = "巡查", people = 2u))
        val list = mine.save(Checklist(title = "本周", group = mine.groups().single(), items = items))
        settle()
        second.workbook.checklists.tick(list.id, "i1")
        settle()
        settle()
        mine.tick(list.id, "i1")
        val other = second.workbook.people.person()!!
        val left = mine.untick(list.id, "i1", other).content.progress().single()
        assertEquals(listOf(first.workbook.people.person()), left.ticks.map { it.person })
        assertTrue(mine.untick(list.id, "i1").content.progress().single().ticks.isEmpty())
    }

    @Test
    fun thePinIsAskedFor() = story {
        val phone = phone("测试员甲")
        phone.household("3-1-501")
        phone.close()
        phone.guard().use { guard ->
            assertEquals(false to null, guard.status().let { it.pin to it.lock })
            guard.open().use { guard.setPin("271828") }
            assertTrue(guard.status().pin)
        }
        phone.guard().use { guard ->
            assertInstanceOf(GridbookException.PinNeeded::class.java, failure { guard.open() })
            val wrong = assertInstanceOf(GridbookException.PinWrong::class.java, failure { guard.open("314159") })
            assertEquals(wrong.left, guard.status().triesLeft)
            guard.open("271828").use {
                assertEquals(1uL, it.server.status().unsent)
                assertInstanceOf(GridbookException.BadPin::class.java, failure { guard.setPin("1") })
                guard.setPin(null)
            }
        }
        phone.reopen()
        assertNull(phone.workbook.salvage)
    }

    @Test
    fun aFlowTellsOfDraftsWhoAsks() = story {
        val phone = phone("测试员甲")
        val home = phone.household("3-1-501").id
        val drafts = phone.workbook.drafts
        val asked = drafts.begin(Content.Visit(Visit(household = home)))
        assertEquals(listOf(asked.id), drafts.watch().first().map { it.id })
        coroutineScope {
            val told = CompletableDeferred<Unit>()
            val gone = async { drafts.watch().onEach { told.complete(Unit) }.drop(1).first() }
            told.await()
            assertTrue(drafts.discard(asked.id))
            assertTrue(withTimeout(10_000) { gone.await() }.isEmpty())
        }
    }

    @Test
    fun whatIsNoValueOfItsTypeFailsWithACode() = story {
        val phone = phone("测试员甲")
        val workbook = phone.workbook
        val visit = phone.visit(phone.household("3-1-501").id)
        suspend fun code(call: suspend () -> Any) =
            assertInstanceOf(GridbookException.Unexpected::class.java, failure(call)).code
        assertEquals("value", code { workbook.visits.list(after = "13800000000") })
        assertEquals("value", code { workbook.visits.edit(visit.copy(version = "13800000000")) })
        // What Swift's own types cannot hold: half of a character that takes two, and times that no calendar has.
        assertEquals("value", code { workbook.records.search("\uD83D") })
        assertEquals("value", code { workbook.server.join("\uD83D", "测试机") })
        assertEquals("value", code { workbook.diary.dayOf(Instant.MAX) })
        assertEquals("value", code { workbook.diary.page(Day.MAX) })
        assertEquals("bridge", code { crossing({ false }) { throw InternalException("13800000000") } })
        assertEquals(listOf(visit.id), workbook.visits.list().items.map { it.id }, "nothing is broken by it")
    }

    @Test
    fun aListenerThatThrowsUndoesNoSave() = story {
        val phone = phone("测试员甲")
        phone.close()
        var heard = 0
        val failing = object : ChangeListener {
            override fun recordsChanged(change: RecordsChanged) {
                heard += 1
                error("a listener of an app")
            }
        }
        GuardHandle.inFolder(phone.file.toString(), phone.folder.resolve("vault").toString()).use { guard ->
            guard.open(null).use { handle ->
                handle.listen(failing)
                val saved = handle.saveEntry(NewDiaryEntry(DiaryEntry(text = "楼道灯坏了")))
                assertEquals("楼道灯坏了" to 1, handle.entry(saved.id).content.text to heard)
            }
        }
    }

    @Test
    fun wordsAreThoseOfTheCore() {
        val (chinese, english) = Words(Language.CHINESE) to Words(Language.ENGLISH)
        assertEquals("见面" to "Met", chinese.code("visit_outcome", "met") to english.code("visit_outcome", "met"))
        assertEquals("unheard-of", chinese.code("visit_outcome", "unheard-of"))
        assertTrue(english.offered("hazard").any { it.code == "ebike_indoors" })
        assertEquals("3 项改动在手机上，待上传", chinese.fill("app.waiting", "n" to 3))
        assertEquals("unheard.of" to null, chinese.fill("unheard.of") to chinese["unheard.of"])
        assertTrue(chinese.field(Kind.VISIT, "note") != english.field(Kind.VISIT, "note"))
    }
}
