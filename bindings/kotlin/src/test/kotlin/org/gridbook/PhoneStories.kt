package org.gridbook

import java.io.File
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.TimeUnit
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Assumptions.assumeTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

/** What may happen to the phone itself. */
class PhoneStories {
    @Test
    fun killedAndReopened() = story {
        val phone = phone("测试员甲")
        val household = phone.household("3-1-501").id
        phone.close()
        val java = File(System.getProperty("java.home"), "bin/java").path
        val library = "-Djna.library.path=" + System.getProperty("jna.library.path")
        val classes = System.getProperty("surefire.test.class.path") ?: System.getProperty("java.class.path")
        val doomed = ProcessBuilder(java, library, "-cp", classes, "org.gridbook.DoomedKt", "${phone.folder}", "$household")
            .redirectError(ProcessBuilder.Redirect.INHERIT).start()
        val lines = doomed.inputReader()
        // What it printed was acknowledged; then it is killed in the middle of the next.
        val acknowledged = List(40) { lines.readLine() ?: error("it died by itself") }
        doomed.destroyForcibly().waitFor(10, TimeUnit.SECONDS)

        phone.reopen()
        for (line in acknowledged) {
            val (what, id, text) = line.split(' ', limit = 3)
            val kept = when (what) {
                "saved" -> phone.workbook.visits.get(RecordId.fromString(id)).content.note
                else -> draftOf(phone, RecordId.fromString(id))
            }
            // A draft that went on after the line was read has what came later, or was saved.
            assertTrue(what == "draft" || kept == text, "$line: $kept")
            assertTrue(kept.startsWith(text), "$line: $kept")
        }
        assertTrue(phone.workbook.server.sync().sent >= 11uL)
    }

    private suspend fun draftOf(phone: Phone, id: RecordId): String {
        val draft = phone.workbook.drafts.get(id) ?: return phone.workbook.visits.get(id).content.note
        return (draft.content as Content.Visit).v1.note
    }

    @Test
    fun wrongKey() = story {
        val phone = phone("测试员甲")
        phone.visit(phone.household("3-1-501").id)
        phone.close()
        val before = Files.readAllBytes(phone.file)
        val restored = Guard.inFolder(phone.file.toString(), phone.folder.resolve("another vault").toString())
        assertInstanceOf(GridbookException.WrongKey::class.java, failure { restored.open() })
        val guessed = failure { Workbook.open(phone.file.toString(), ByteArray(32) { 7 }) }
        assertInstanceOf(GridbookException.WrongKey::class.java, guessed)
        assertArrayEquals(before, Files.readAllBytes(phone.file), "it was not touched")
        phone.reopen()
        assertEquals(2uL, phone.unsent())
    }

    @Test
    fun damagedDatabase() = story {
        val phone = phone("测试员甲")
        val household = phone.household("3-1-501").id
        phone.workbook.server.sync()
        val visit = phone.visit(household, note = "没送出去").id
        phone.close()
        // The first page, without which no database opens.
        val damaged = Files.readAllBytes(phone.file).also { it.fill(0x5a, 0, 4096) }
        Files.write(phone.file, damaged)
        phone.reopen()
        val salvage = phone.workbook.salvage!!
        assertArrayEquals(damaged, Files.readAllBytes(Path.of(salvage.aside)), "it is kept")
        assertEquals(1uL to emptyList<RecordId>(), salvage.unsent to salvage.unsaved)
        assertEquals("没送出去", phone.workbook.visits.get(visit).content.note)
        assertEquals(1uL, phone.workbook.server.sync().sent)
        assertEquals(household, phone.workbook.households.get(household).id)
    }

    @Test
    fun newerSchema(@TempDir folder: Path) = runBlocking {
        val file = folder.resolve("workbook.db")
        Files.copy(Path.of("../../tests/fixtures/newer_schema.db"), file)
        val before = Files.readAllBytes(file)
        val refused = failure { Workbook.open(file.toString(), ByteArray(32) { 0x2a }) }
        val newer = assertInstanceOf(GridbookException.NewerSchema::class.java, refused)
        assertTrue(newer.found > newer.known)
        assertArrayEquals(before, Files.readAllBytes(file), "it was not touched")
    }

    @Test
    fun fullDisk() = story {
        val disk = System.getProperty("gridbook.small.disk")?.let { File(it) }
        assumeTrue(disk != null, "scripts/kotlin.sh could not make a small disk here")
        val phone = phone("测试员甲", folder = disk!!.toPath())
        val household = phone.household("3-1-501").id
        val saved = phone.visit(household, note = "写下的")
        val ballast = File(disk, "ballast")
        val draft = phone.workbook.drafts.begin(Content.Visit(Visit(household = household, note = "写到一半")))
        ballast.outputStream().use { stream -> runCatching { while (true) stream.write(ByteArray(4096)) } }
        val full = generateSequence { runCatching { runBlocking { phone.visit(household, note = "长".repeat(2000)) } } }
            .take(500).mapNotNull { it.exceptionOrNull() }.first()
        assertInstanceOf(GridbookException.DiskFull::class.java, full)
        assertEquals("写下的", phone.workbook.visits.get(saved.id).content.note)
        assertTrue(ballast.delete())
        val rest = phone.workbook.drafts.get(draft.id)?.content as Content.Visit
        val finished = rest.v1.copy(outcome = Outcome.MET)
        phone.workbook.visits.save(NewVisit(content = finished, id = draft.id))
        assertEquals("写到一半", phone.workbook.visits.get(draft.id).content.note)
        phone.reopen()
        assertEquals("写到一半", phone.workbook.visits.get(draft.id).content.note)
        assertTrue(phone.workbook.drafts.list().isEmpty())
    }
}
