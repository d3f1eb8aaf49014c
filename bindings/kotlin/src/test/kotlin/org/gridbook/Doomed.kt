package org.gridbook

import java.nio.file.Path
import kotlinx.coroutines.runBlocking

/** An app that types and saves until it is killed, and prints what was acknowledged: `killedAndReopened` starts it. */
fun main(arguments: Array<String>) {
    val phone = Phone(Path.of(arguments[0]))
    val household = RecordId.fromString(arguments[1])
    runBlocking {
        for (number in 1..10_000) {
            var draft = phone.workbook.drafts.begin(Content.Visit(Visit(household = household)))
            for (text in listOf("第", "第${number}", "第${number}次")) {
                val visit = Visit(household = household, note = text)
                draft = phone.workbook.drafts.keep(draft.copy(content = Content.Visit(visit)))
                println("draft ${draft.id} $text")
            }
            val visit = Visit(household = household, note = "第${number}次", outcome = Outcome.MET)
            phone.workbook.visits.save(NewVisit(content = visit, id = draft.id))
            println("saved ${draft.id} 第${number}次")
            System.out.flush()
        }
    }
}
