package org.gridbook

import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.flow.SharedFlow
import kotlinx.coroutines.withContext

/**
 * What one phone holds. An app opens one through its [Guard], keeps it as long as it runs, and closes it.
 *
 * Its groups have one noun each. Functions that return records suspend on the dispatcher that it was opened with;
 * when a save returns, the record survives a power cut. Functions that return a `Flow` answer now and again after
 * every change. Every call fails with a [GridbookException] whose class says what the screen can do.
 */
public class Workbook internal constructor(
    handle: WorkbookHandle,
    dispatcher: CoroutineDispatcher,
) : AutoCloseable {
    private val bridge = Bridge(handle, dispatcher)

    /** 户. */
    public val households: Households = Households(bridge)

    /** 走访. */
    public val visits: Visits = Visits(bridge)

    /** 日记. */
    public val diary: Diary = Diary(bridge)

    /** 反诈宣传. */
    public val outreach: OutreachLog = OutreachLog(bridge)

    /** 清单. */
    public val checklists: Checklists = Checklists(bridge)

    /** 阅评. */
    public val reviews: Reviews = Reviews(bridge)

    /** What has been begun and not saved. */
    public val drafts: Drafts = Drafts(bridge)

    /** Records of any kind: search, history, conflicts, withdrawing. */
    public val records: Records = Records(bridge)

    /** Whose phone it is, and the names it knows. */
    public val people: People = People(bridge)

    /** The server: enrolling, exchanging, how the phone stands. */
    public val server: Server = Server(bridge)

    /** Every committed edit. Whoever falls behind by hundreds loses the oldest. */
    public val changes: SharedFlow<RecordsChanged> get() = bridge.changes

    /** Set if the database was damaged when it was opened: where it was moved, and how much was saved. */
    public val salvage: SalvageReport? = handle.salvage()

    /** Stops an exchange that is under way, ends the flows, and closes the database once the last call has returned. */
    override fun close(): Unit = bridge.close()

    public companion object {
        /**
         * Opens a workbook with a raw key of 32 bytes, for those who keep it themselves; an app uses [Guard.open].
         *
         * @param installNonce 16 random bytes that are kept where backups do not reach.
         */
        public suspend fun open(
            path: String,
            key: ByteArray,
            installNonce: ByteArray? = null,
            dispatcher: CoroutineDispatcher = Dispatchers.IO,
        ): Workbook = withContext(dispatcher) { Workbook(WorkbookHandle.open(path, key, installNonce), dispatcher) }
    }
}

/** A page's length where the caller names none. */
internal const val PAGE: UInt = 60u
