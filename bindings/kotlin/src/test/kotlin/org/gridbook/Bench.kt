package org.gridbook

import java.lang.management.ManagementFactory
import java.nio.file.Path
import kotlinx.coroutines.runBlocking

/** Calls before the measured ones: the JVM compiles what it has seen often. */
private const val WARM_UP = 6_000
private const val MEASURED = 400

/**
 * What a call of an app's costs on the JVM, through the layer that apps use, called from one thread as a screen's is; and
 * how long a cold start takes. `bindings/bench` runs it (`make bench-jvm`) and compares.
 */
fun main(arguments: Array<String>) {
    val phone = Phone(Path.of(arguments[1]))
    when (arguments[0]) {
        "start" -> start(phone)
        else -> measure(phone, RecordId.fromString(arguments[2]))
    }
}

private fun measure(phone: Phone, household: RecordId) = runBlocking {
    val (visits, records) = phone.workbook.visits to phone.workbook.records
    val visit = Visit(household = household, outcome = Outcome.MET, note = "入".repeat(80))
    median("save") { visits.save(visit) }
    median("list of 60") { visits.list(most = 60u) }
    median("search") { records.search("反诈", most = 20u) }
    phone.close()
}

/** Reads the first page of the workbook that was opened; prints the milliseconds since the process began. */
private fun start(phone: Phone) {
    val page = runBlocking { phone.workbook.visits.list() }
    check(page.items.size == 60)
    println(System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().startTime)
    phone.close()
}

private suspend fun median(name: String, work: suspend () -> Unit) {
    repeat(WARM_UP) { work() }
    val times = LongArray(MEASURED) {
        val begun = System.nanoTime()
        work()
        System.nanoTime() - begun
    }
    times.sort()
    println("$name\t${times[MEASURED / 2] / 1_000.0}")
}
