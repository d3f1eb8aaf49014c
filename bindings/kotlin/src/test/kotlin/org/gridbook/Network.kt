package org.gridbook

import java.io.IOException
import java.io.InputStream
import java.io.OutputStream
import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread

/** The way to a server on this machine; a test can cut it, or hold the answers back. */
class Network(private val server: Int) : AutoCloseable {
    private val door = ServerSocket(0, 50, InetAddress.getLoopbackAddress())
    private val open: MutableSet<Socket> = ConcurrentHashMap.newKeySet()

    @Volatile private var cut = false

    @Volatile private var held: CountDownLatch? = null

    @Volatile private var asked = CountDownLatch(1)

    val port: Int = door.localPort

    init {
        thread(isDaemon = true) { quietly { while (true) take(door.accept()) } }
    }

    /** No phone reaches the server, and what was under way breaks off. */
    fun cut() {
        cut = true
        open.forEach { quietly { it.close() } }
        open.clear()
    }

    /** The network is back. */
    fun mend() {
        cut = false
    }

    /** Requests arrive, answers wait. */
    fun hold() {
        asked = CountDownLatch(1)
        held = CountDownLatch(1)
    }

    /** Waits until a phone has sent something while answers are held back. */
    fun awaitRequest() {
        check(asked.await(20, TimeUnit.SECONDS)) { "no phone asked" }
    }

    /** Answers go on their way. */
    fun release() {
        held?.countDown()
        held = null
    }

    private fun take(phone: Socket) {
        if (cut) return phone.close()
        val far = Socket(InetAddress.getLoopbackAddress(), server)
        open += phone
        open += far
        thread(isDaemon = true) { quietly { pass(phone.getInputStream(), far.getOutputStream()) { asked.countDown() } } }
        thread(isDaemon = true) { quietly { pass(far.getInputStream(), phone.getOutputStream()) { held?.await() } } }
    }

    private fun pass(from: InputStream, to: OutputStream, before: () -> Unit) {
        val bytes = ByteArray(16 * 1024)
        while (true) {
            val length = from.read(bytes)
            if (length < 0) break
            before()
            to.write(bytes, 0, length)
            to.flush()
        }
        to.close()
    }

    private fun quietly(work: () -> Unit) {
        try {
            work()
        } catch (_: IOException) {
            // The other end has gone away, as networks do.
        }
    }

    override fun close() {
        release()
        door.close()
        cut()
    }
}
