package org.gridbook

import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow

/** The server: enrolling, exchanging, how the phone stands. */
public class Server internal constructor(private val bridge: Bridge) {
    private val latest = MutableStateFlow<SyncProgress?>(null)

    // Under [latest]: whose progress that is.
    private var teller: Exchange? = null

    /** How far the exchange is that has its turn; null while none has. */
    public val progress: StateFlow<SyncProgress?> = latest.asStateFlow()

    /**
     * Takes an invitation as its QR code reads: trades it for this phone's place, or begins to work on it where there
     * is no network and it is signed. [status] tells which.
     *
     * @param label what the administrator's list calls this phone.
     */
    public suspend fun join(invitation: String, label: String): Unit = bridge.opened { join(invitation, label) }

    /** Begins to work on a signed invitation without asking for a network; the next [sync] trades it. */
    public suspend fun beginOffline(invitation: String, label: String): Joining =
        bridge.call { beginOffline(invitation, label) }

    /**
     * Sends everything that has no receipt and takes in everything that is new. Cancelling the coroutine stops it at
     * once; what was committed is kept, and the next one goes on from there. [progress] moves with every page. Another
     * exchange of this workbook is waited for.
     *
     * @throws GridbookException.Offline or [GridbookException.TryLater] where trying again later is all there is to
     * do; [GridbookException.Refused]; [GridbookException.NotEnrolled]; [GridbookException.Cancelled] after [cancel].
     */
    public suspend fun sync(): SyncReport {
        val exchange = Exchange()
        try {
            return bridge.opened { sync(exchange) }
        } finally {
            exchange.end()
            bridge.tell(EditKind.SYNC)
        }
    }

    /** Stops the exchange that is under way and those that wait for their turn, whoever began them. */
    public fun cancel(): Unit = bridge.cancel()

    /** How the phone stands towards its server. */
    public suspend fun status(): PhoneStatus = bridge.call { status() }

    /** How the phone stands, again after every change. */
    public fun watchStatus(): Flow<PhoneStatus> = bridge.watch(concerns = { true }) { status() }

    /** Tells how far its own exchange is: the end of one that only waited its turn is not the end of another. */
    private inner class Exchange : SyncListener {
        private var over = false

        override fun progressed(progress: SyncProgress): Unit = synchronized(latest) {
            // A call that was on its way when the coroutine was cancelled comes after the end.
            if (over) return
            teller = this
            latest.value = progress
        }

        fun end(): Unit = synchronized(latest) {
            over = true
            if (teller !== this) return
            teller = null
            latest.value = null
        }
    }
}
