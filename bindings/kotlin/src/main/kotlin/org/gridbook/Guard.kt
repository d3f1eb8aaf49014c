package org.gridbook

import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext

/**
 * Stands before one workbook: it keeps the database's key in the platform's vault, asks for the PIN and holds the
 * lease. An app has one, for as long as it runs.
 *
 * Every call fails with a [GridbookException] whose class says what the screen can do.
 *
 * @param dispatcher where the blocking calls run, also those of the [Workbook] that it opens.
 */
public class Guard private constructor(
    private val handle: GuardHandle,
    private val dispatcher: CoroutineDispatcher,
) : AutoCloseable {

    /** How the phone stands: locked, wiped, with a PIN. */
    public suspend fun status(): GuardStatus = call { status() }

    /**
     * Opens the workbook, making a new one on a new phone.
     *
     * @throws GridbookException.PinNeeded and the other errors of a PIN; [GridbookException.Locked] until [unlock];
     * [GridbookException.WrongKey], [GridbookException.NewerSchema], [GridbookException.Wiped].
     */
    public suspend fun open(pin: String? = null): Workbook =
        call { Workbook(open(pin), dispatcher) }

    /** Asks the server for the key of a locked phone. It needs a network. */
    public suspend fun unlock(pin: String? = null): Unit = opened { unlock(pin) }

    /** Sets a PIN of 6 to 12 digits, or with null takes it away. The workbook must be open. */
    public suspend fun setPin(pin: String?): Unit = call { setPin(pin) }

    /** Makes a wiped phone new again, for another invitation. */
    public suspend fun beginAnew(): Unit = call { beginAnew() }

    /** Lets go of the guard; a workbook that it opened stays open. */
    override fun close(): Unit = handle.close()

    private suspend fun <T> call(work: GuardHandle.() -> T): T = withContext(dispatcher) { opened { work() } }

    private inline fun <T> opened(work: GuardHandle.() -> T): T = crossing({ handle.uniffiIsDestroyed }) { handle.work() }

    public companion object {
        /**
         * The guard of the workbook in the file [path], whose secrets are in the platform's [vault]. With a [key] in
         * hardware the device signs with that; without one with a key that the vault keeps.
         */
        public suspend fun of(
            path: String,
            vault: KeyVault,
            key: HardwareKey? = null,
            dispatcher: CoroutineDispatcher = Dispatchers.IO,
        ): Guard = withContext(dispatcher) { Guard(GuardHandle(path, vault, key), dispatcher) }

        /** A guard whose secrets lie in plain files of [vaultFolder]: for tests and desktops, never for a phone. */
        public suspend fun inFolder(
            path: String,
            vaultFolder: String,
            dispatcher: CoroutineDispatcher = Dispatchers.IO,
        ): Guard = withContext(dispatcher) { Guard(GuardHandle.inFolder(path, vaultFolder), dispatcher) }
    }
}
