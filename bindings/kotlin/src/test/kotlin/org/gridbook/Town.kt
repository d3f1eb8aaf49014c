package org.gridbook

import java.io.File
import java.nio.file.Files
import java.nio.file.Path
import kotlin.time.Duration.Companion.minutes
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout

/** A community with its own server process on a free port, behind a network that a test can cut. */
class Town : AutoCloseable {
    private val folder: Path = Files.createTempDirectory("gridbook-town")
    private val data = folder.resolve("server").toString()
    private val phones = mutableListOf<Phone>()
    private val process: Process
    val network: Network

    init {
        server("init", "--community", "虚构社区", "--grid", GRID)
        process = command("serve", "--listen", "127.0.0.1:0").redirectError(ProcessBuilder.Redirect.DISCARD).start()
        val line = process.inputReader().readLine() ?: error("the server says nothing")
        val port = line.substringAfterLast(':').trim().toInt()
        network = Network(port)
    }

    /** A person with a role, and their phone, enrolled. */
    fun phone(name: String, role: String = "worker", scope: String = GRID, folder: Path? = null): Phone {
        val invitation = invitation(name, role, scope)
        val phone = newPhone(folder)
        runBlocking { phone.workbook.server.join(invitation, "测试机") }
        return phone
    }

    /** A phone that has no place yet. */
    fun newPhone(folder: Path? = null): Phone =
        Phone(folder ?: Files.createDirectory(this.folder.resolve("phone-${phones.size}"))).also { phones += it }

    /** What the QR code reads that a new person with a role is given. */
    fun invitation(name: String, role: String = "worker", scope: String = GRID): String {
        server("people", "add", name, "--role", role, "--scope", scope)
        val answer = server("--json", "invite", name, "--server", "http://127.0.0.1:${network.port}")
        return Regex("\"payload\":\\s*\"([^\"]+)\"").find(answer)?.groupValues?.get(1) ?: error(answer)
    }

    /** Everyone exchanges until everyone has everything. */
    suspend fun settle() {
        repeat(2) { phones.forEach { it.workbook.server.sync() } }
    }

    /** A command of the administrator. */
    fun server(vararg arguments: String): String {
        val process = command(*arguments).redirectErrorStream(true).start()
        val said = process.inputReader().readText()
        check(process.waitFor() == 0) { "${arguments.toList()}: $said" }
        return said
    }

    private fun command(vararg arguments: String): ProcessBuilder {
        val program = File(System.getProperty("gridbook.programs"), "gridbook-server").path
        val builder = ProcessBuilder(listOf(program, "--data", data) + arguments)
        builder.environment().keys.removeIf { it.startsWith("GRIDBOOK_") }
        return builder
    }

    override fun close() {
        phones.forEach { it.close() }
        network.close()
        process.destroyForcibly().waitFor()
        folder.toFile().deleteRecursively()
    }

    companion object {
        const val GRID: String = "第一网格"
    }
}

/** Tells a story in a town of its own; one that comes to no end fails. */
fun story(tell: suspend Town.() -> Unit) {
    Town().use { town -> runBlocking { withTimeout(2.minutes) { town.tell() } } }
}
