package org.gridbook.screens

import java.io.File
import java.nio.file.Path
import java.util.concurrent.TimeUnit
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.runBlocking
import org.gridbook.Phone
import org.gridbook.RecordId
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue

/**
 * An app in which someone types a visit until it is killed; it prints what the form says is kept. [typedUntilKilled]
 * starts it: with a phone's folder and, for a new visit, `household` and the household's id, or else `visit` and its own.
 */
fun main(arguments: Array<String>) {
    val phone = Phone(Path.of(arguments[0]))
    val id = RecordId.fromString(arguments[2])
    val target = if (arguments[1] == "visit") VisitTarget.OfRecord(id) else VisitTarget.ToHousehold(id)
    runBlocking {
        screen { scope ->
            val form = VisitPresenter(phone.workbook, scope, target)
            form.shows { it.form != null }
            for (text in listOf("楼", "楼道", "楼道堆", "楼道堆物")) form.send(VisitEvent.TypeNote(text))
            println("kept ${form.shows { it.kept }.form?.note}")
            System.out.flush()
            awaitCancellation()
        }
    }
}

/** Another process has the phone's workbook open, types a visit's note, and is killed. */
fun typedUntilKilled(phone: Phone, what: String, id: RecordId) {
    phone.close()
    val java = File(System.getProperty("java.home"), "bin/java").path
    val library = "-Djna.library.path=" + System.getProperty("jna.library.path")
    val classes = System.getProperty("surefire.test.class.path") ?: System.getProperty("java.class.path")
    val typist = ProcessBuilder(java, library, "-cp", classes, "org.gridbook.screens.TypistKt", "${phone.folder}", what, "$id")
        .redirectError(ProcessBuilder.Redirect.INHERIT).start()
    try {
        assertEquals("kept 楼道堆物", typist.inputReader(Charsets.UTF_8).readLine())
    } finally {
        assertTrue(typist.destroyForcibly().waitFor(10, TimeUnit.SECONDS))
    }
    phone.reopen()
}
