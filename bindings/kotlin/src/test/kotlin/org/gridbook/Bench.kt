package org.gridbook

import java.io.File
import java.lang.management.ManagementFactory
import java.nio.file.Path
import kotlinx.coroutines.runBlocking

/** Calls before the measured ones: the JVM compiles what it has seen often. */
private const val WARM_UP = 6_000
private const val MEASURED = 400

/**
 * What a call costs across the bridge, against the same call in Rust on the same database, and how long a cold start
 * takes. `scripts/bench_jvm.sh` runs it; its argument is the Rust side, `bindings/examples/calls.rs`.
 */
fun main(arguments: Array<String>) {
    if (arguments[0] == "start") start(Path.of(arguments[1])) else measure(arguments[0])
}

private fun measure(rust: String) = story {
    val phone = phone("测试员甲")
    val household = phone.household("3-1-501").id
    repeat(10_000) { phone.visit(household, note = if (it % 50 == 0) "反诈宣传，第${it}次" else "例行走访，第${it}次") }
    val visit = Visit(household = household, outcome = Outcome.MET, note = "入".repeat(80))
    phone.close()
    val folder = phone.folder.toString()
    val guard = GuardHandle.inFolder("${phone.file}", "${phone.folder.resolve("vault")}")
    val ours = guard.use { it.open(null) }.use { workbook ->
        mapOf(
            "save" to median { workbook.saveVisit(NewVisit(visit)) },
            "list of 60" to median { workbook.visits(Filter(), null, 60u) },
            "search" to median { workbook.search("反诈", null, 20u) },
        )
    }
    val theirs = run(rust, folder, "$household").lines().filter { '\t' in it }
        .associate { line -> line.substringBefore('\t') to line.substringAfter('\t').toDouble() }
    for ((name, time) in ours) {
        val floor = theirs.getValue(name)
        val figures = "%.0f µs against %.0f µs; median of %d".format(time, floor, MEASURED)
        println("| %s across the bridge | %.2f× | %s |".format(name, time / floor, figures))
    }
    val starts = List(5) { run(*jvm("start", folder)).trim().toLong() }.sorted()
    println("| cold start to the first page of 10,000 records | ${starts[2]} ms | from the JVM's start; median of 5 |")
}

/** Opens the workbook and reads its first page; prints the milliseconds since the process began. */
private fun start(folder: Path) {
    val phone = Phone(folder)
    val page = runBlocking { phone.workbook.visits.list() }
    check(page.items.size == 60)
    println(System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().startTime)
}

private fun median(work: () -> Unit): Double {
    repeat(WARM_UP) { work() }
    val times = LongArray(MEASURED) {
        val begun = System.nanoTime()
        work()
        System.nanoTime() - begun
    }
    times.sort()
    return times[MEASURED / 2] / 1_000.0
}

private fun jvm(vararg arguments: String): Array<String> {
    val java = File(System.getProperty("java.home"), "bin/java").path
    val library = "-Djna.library.path=" + System.getProperty("jna.library.path")
    return arrayOf(java, library, "-cp", System.getProperty("java.class.path"), "org.gridbook.BenchKt", *arguments)
}

private fun run(vararg command: String): String {
    val process = ProcessBuilder(*command).redirectError(ProcessBuilder.Redirect.INHERIT).start()
    val said = process.inputReader().readText()
    check(process.waitFor() == 0) { said }
    return said
}
