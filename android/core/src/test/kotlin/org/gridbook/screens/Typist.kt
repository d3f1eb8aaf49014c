package org.gridbook.screens

import java.nio.file.Path
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.runBlocking
import org.gridbook.Phone
import org.gridbook.RecordId

/** An app in which someone types a visit until it is killed; it prints what the form says is kept. `DayStory` starts it. */
fun main(arguments: Array<String>) {
    val phone = Phone(Path.of(arguments[0]))
    val household = RecordId.fromString(arguments[1])
    runBlocking {
        screen { scope ->
            val form = VisitPresenter(phone.workbook, scope, VisitTarget.ToHousehold(household))
            form.shows { it.form != null }
            for (text in listOf("楼", "楼道", "楼道堆", "楼道堆物")) form.send(VisitEvent.TypeNote(text))
            println("kept ${form.shows { it.kept }.form?.note}")
            System.out.flush()
            awaitCancellation()
        }
    }
}
