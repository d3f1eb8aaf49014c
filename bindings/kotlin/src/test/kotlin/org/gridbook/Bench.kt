package org.gridbook

import java.lang.management.ManagementFactory
import java.nio.file.Path
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runBlocking

/** Calls after which the JVM has compiled what it does. They are made on a copy: a save makes a workbook larger. */
private const val LEARNT = 6_000

/** Calls before the measured ones, which fill the caches, as in Rust. */
private const val WARM_UP = 200
private const val MEASURED = 400

/**
 * What a call costs on the JVM, across the bridge alone, on the caller's thread, and as an app makes it, on another one; and how
 * long a cold start takes. `bindings/bench` runs it (`make bench-jvm`) and compares.
 */
fun main(arguments: Array<String>) {
    val folder = Path.of(arguments[1])
    when (arguments[0]) {
        "start" -> Phone(folder).use(::start)
        else -> {
            val household = RecordId.fromString(arguments[2])
            val copy = folder.resolveSibling("learnt-on")
            check(folder.toFile().copyRecursively(copy.toFile(), overwrite = true))
            measure(copy, household, Dispatchers.Unconfined, LEARNT)
            val calls = measure(folder, household, Dispatchers.Unconfined, WARM_UP)
            val apps = measure(folder, household, Dispatchers.IO, WARM_UP)
            for ((name, time) in calls) println("$name\t$time\t${apps.getValue(name)}")
        }
    }
}

private fun measure(
    folder: Path,
    household: RecordId,
    dispatcher: CoroutineDispatcher,
    warmUp: Int,
): Map<String, Double> = runBlocking {
    val vault = folder.resolve("vault").toString()
    val guard = Guard.inFolder(folder.resolve("workbook.db").toString(), vault, dispatcher)
    val visit = Visit(household = household, outcome = Outcome.MET, note = "入".repeat(80))
    guard.use { it.open() }.use { workbook ->
        mapOf(
            "save" to median(warmUp) { workbook.visits.save(visit) },
            "list of 60" to median(warmUp) { workbook.visits.list(most = 60u) },
            "search" to median(warmUp) { workbook.records.search("反诈", most = 20u) },
        )
    }
}

/** Reads the first page of the workbook that was opened; prints the milliseconds since the process began. */
private fun start(phone: Phone) {
    val page = runBlocking { phone.workbook.visits.list() }
    check(page.items.size == 60)
    println(System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().startTime)
}

/** In microseconds. */
private suspend fun median(warmUp: Int, work: suspend () -> Unit): Double {
    repeat(warmUp) { work() }
    val times = LongArray(MEASURED) {
        val begun = System.nanoTime()
        work()
        System.nanoTime() - begun
    }
    times.sort()
    return times[MEASURED / 2] / 1_000.0
}
