package org.gridbook

import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow

/** The server: enrolling, exchanging, how the phone stands. */
public class Server internal constructor(private val bridge: Bridge) {
    private val latest = MutableStateFlow<SyncProgress?>(null)

    /** How far the exchange is that is under way; null while none is. */
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
     * once; what was committed is kept, and the next one goes on from there. [progress] moves with every page.
     *
     * @throws GridbookException.Offline or [GridbookException.TryLater] where trying again later is all there is to
     * do; [GridbookException.Refused]; [GridbookException.NotEnrolled]; [GridbookException.Cancelled] after [cancel].
     */
    public suspend fun sync(): SyncReport {
        latest.value = SyncProgress(0uL, 0uL, 0uL, 0uL)
        try {
            val listener = object : SyncListener {
                override fun progressed(progress: SyncProgress) {
                    latest.value = progress
                }
            }
            return bridge.opened { sync(listener) }
        } finally {
            latest.value = null
            bridge.tell(EditKind.SYNC)
        }
    }

    /** Stops every exchange that is under way, whoever began it. */
    public fun cancel(): Unit = bridge.cancel()

    /** How the phone stands towards its server. */
    public suspend fun status(): PhoneStatus = bridge.call { status() }

    /** How the phone stands, again after every change. */
    public fun watchStatus(): Flow<PhoneStatus> = bridge.watch(concerns = { true }) { status() }
}
