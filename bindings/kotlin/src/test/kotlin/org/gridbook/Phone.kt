package org.gridbook

import java.nio.file.Path
import kotlinx.coroutines.runBlocking

/** One phone: a folder with its database and, in place of a key store, a folder of secrets. */
class Phone(val folder: Path) : AutoCloseable {
    val file: Path = folder.resolve("workbook.db")
    var workbook: Workbook = open()
        private set

    fun guard(): Guard = runBlocking { Guard.inFolder(file.toString(), folder.resolve("vault").toString()) }

    /** As after the app was closed and opened again. */
    fun reopen() {
        workbook.close()
        workbook = open()
    }

    suspend fun household(dwelling: String): HouseholdRecord =
        workbook.households.save(Household(dwelling = readDwelling(dwelling), `class` = "red"))

    suspend fun visit(household: RecordId, note: String = "", outcome: Outcome = Outcome.MET): VisitRecord =
        workbook.visits.save(Visit(household = household, outcome = outcome, note = note))

    suspend fun unsent(): ULong = workbook.server.status().unsent

    private fun open(): Workbook = guard().use { guard -> runBlocking { guard.open() } }

    override fun close() {
        workbook.close()
    }
}
