package org.gridbook

import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.onEach
import kotlinx.coroutines.flow.onSubscription
import kotlinx.coroutines.flow.produceIn
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** Several people at work on the same records. */
class TogetherStories {
    @Test
    fun twoPhonesOneVisit() = story {
        val (first, second) = listOf("测试员甲", "测试员乙").map { phone(it) }
        val visit = first.visit(first.household("3-1-501").id, note = "开门见山")
        settle()
        network.cut()
        val mine = first.workbook.visits.get(visit.id)
        first.workbook.visits.edit(mine.copy(content = mine.content.copy(requests = "修路灯")))
        val theirs = second.workbook.visits.get(visit.id)
        second.workbook.visits.edit(theirs.copy(content = theirs.content.copy(companions = "测试社工")))
        network.mend()
        settle()
        for (phone in listOf(first, second)) {
            val merged = phone.workbook.visits.get(visit.id)
            assertEquals("修路灯" to "测试社工", merged.content.requests to merged.content.companions)
            assertEquals("开门见山" to 0u, merged.content.note to merged.conflicts)
        }
        assertEquals(3, first.workbook.records.history(visit.id).size)
    }

    @Test
    fun conflictAndChoice() = story {
        val (first, second) = listOf("测试员甲", "测试员乙").map { phone(it) }
        val visit = first.visit(first.household("3-1-501").id)
        settle()
        network.cut()
        val notes = listOf("电动车在楼道充电", "没有电动车")
        listOf(first, second).zip(notes) { phone, note ->
            val record = phone.workbook.visits.get(visit.id)
            phone.workbook.visits.edit(record.copy(content = record.content.copy(note = note)))
        }
        network.mend()
        settle()
        for (phone in listOf(first, second)) {
            val open = phone.workbook.records.conflicts().single()
            assertEquals(visit.id to "note", open.record to open.`field`)
            assertEquals(notes.map { FieldValue.Text(it) }.toSet(), open.candidates.map { it.value }.toSet())
            assertEquals(2, open.candidates.mapNotNull { it.person }.toSet().size, "it says who wrote what")
        }
        second.workbook.records.choose(visit.id, "note", FieldValue.Text(notes[0]))
        settle()
        for (phone in listOf(first, second)) {
            assertTrue(phone.workbook.records.conflicts(visit.id).isEmpty())
            assertEquals(notes[0], phone.workbook.visits.get(visit.id).content.note)
        }
    }

    @Test
    fun resumedEdit() = story {
        val (first, second) = listOf("测试员甲", "测试员乙").map { phone(it) }
        val visit = first.visit(first.household("3-1-501").id, note = "老人独居")
        settle()
        val begun = first.workbook.drafts.edit(first.workbook.records.get(visit.id))
        assertEquals(visit.version to true, begun.version to begun.editsExisting)
        val mine = visit.content.copy(note = "要求装扶手")
        first.workbook.drafts.keep(begun.copy(content = Content.Visit(mine)))
        first.reopen()
        val theirs = second.workbook.visits.get(visit.id)
        second.workbook.visits.edit(theirs.copy(content = theirs.content.copy(note = "女儿每周来", requests = "修路灯")))
        second.workbook.server.sync()
        first.workbook.server.sync()

        val draft = first.workbook.drafts.get(visit.id)!!
        val typed = (draft.content as Content.Visit).v1
        val saved = first.workbook.visits.get(visit.id).copy(version = draft.version!!, content = typed)
        assertEquals("修路灯", first.workbook.visits.edit(saved).content.requests)
        assertTrue(first.workbook.drafts.list().isEmpty())
        settle()
        for (phone in listOf(first, second)) {
            val open = phone.workbook.records.conflicts().single()
            val both = setOf(FieldValue.Text("要求装扶手"), FieldValue.Text("女儿每周来"))
            assertEquals("note" to both, open.`field` to open.candidates.map { it.value }.toSet())
        }
        val new = first.workbook.drafts.begin(Content.Visit(visit.content))
        assertEquals(null to false, new.version to new.editsExisting)
    }

    @Test
    fun fiveTickOneList() = story {
        val people = (1..5).map { phone("组员$it", role = "member", scope = "安全防范") }
        val author = people[0].workbook
        val items = mapOf("i1" to ChecklistItem(title = "检查消防通道", people = 5u))
        val group = author.checklists.groups().single()
        val list = author.checklists.save(Checklist(title = "消防检查", group = group, items = items))
        settle()
        network.cut()
        coroutineScope {
            people.map { async { it.workbook.checklists.tick(list.id, "i1") } }.awaitAll()
        }
        network.mend()
        settle()
        for (phone in people) {
            val item = phone.workbook.checklists.get(list.id).content.progress().single()
            assertEquals(5, item.ticks.map { it.person }.toSet().size, "no tick is lost")
            assertTrue(item.done)
        }
    }

    @Test
    fun everyCommittedEditIsTold() = story {
        val (first, second) = listOf("测试员甲", "测试员乙").map { phone(it) }
        val household = first.household("3-1-501")
        settle()
        coroutineScope {
            val listening = CompletableDeferred<Unit>()
            val changes = second.workbook.changes.onSubscription { listening.complete(Unit) }.produceIn(this)
            listening.await()
            suspend fun next() = withTimeout(10_000) { changes.receive() }
            val entry = second.workbook.diary.save(DiaryEntry(text = "楼道灯坏了"))
            assertEquals(RecordsChanged(EditKind.SAVE, listOf(entry.id)), next())
            second.workbook.drafts.begin(Content.Diary(DiaryEntry(text = "写到一半")))
            assertEquals(EditKind.DRAFT, next().edit)

            val visit = first.visit(household.id)
            settle()
            var news = next()
            while (visit.id !in news.records) news = next()
            assertEquals(EditKind.SYNC, news.edit, "what a colleague wrote comes with an exchange")
            changes.cancel()
        }
    }

    @Test
    fun aFlowAnswersAgainWhenAnotherPhonesWorkArrives() = story {
        val (first, second) = listOf("测试员甲", "测试员乙").map { phone(it) }
        val household = first.household("3-1-501")
        settle()
        val today = second.workbook.diary.today()
        coroutineScope {
            val seen = mutableListOf<Int>()
            val emptied = async {
                second.workbook.households.watchDue(today).onEach { seen += it.items.size }.first { it.items.isEmpty() }
            }
            while (seen.isEmpty()) kotlinx.coroutines.delay(5)
            first.visit(household.id)
            settle()
            withTimeout(10_000) { emptied.await() }
            assertEquals(listOf(1, 0), seen)

            // A change that waits while the workbook closes is told no more, and is no failure.
            val (asked, goOn) = List(2) { CompletableDeferred<Unit>() }
            val watching = async {
                second.workbook.households.watchDue(today).onEach {
                    asked.complete(Unit)
                    goOn.await()
                }.toList()
            }
            asked.await()
            second.household("3-1-502")
            second.workbook.close()
            goOn.complete(Unit)
            assertEquals(listOf(0), withTimeout(10_000) { watching.await() }.map { it.items.size }, "it ends with its workbook")
            val closed = failure { second.workbook.diary.today() }
            assertEquals("closed", (closed as GridbookException.Unexpected).code)
            second.workbook.server.cancel()
        }
    }
}
