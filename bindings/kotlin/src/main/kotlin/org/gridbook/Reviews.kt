package org.gridbook

import kotlinx.coroutines.flow.Flow

/** 阅评: leads' marks and notes. */
public class Reviews internal constructor(private val bridge: Bridge) {
    /** Marks the present version of a record, as a lead. Whoever returns it says why in [note]. */
    public suspend fun mark(subject: RecordId, mark: Mark, note: String = ""): ReviewRecord =
        bridge.call { mark(subject, mark, note) }

    /** All reviews of a record, latest first. */
    public suspend fun of(subject: RecordId): List<ReviewRecord> = bridge.call { reviewsOf(subject) }

    /** All reviews of a record, again after every change. */
    public fun watch(subject: RecordId): Flow<List<ReviewRecord>> = bridge.watch { reviewsOf(subject) }
}
