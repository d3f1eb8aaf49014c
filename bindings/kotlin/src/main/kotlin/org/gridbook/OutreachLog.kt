package org.gridbook

import kotlinx.coroutines.flow.Flow

/** 反诈宣传: outreach against fraud. */
public class OutreachLog internal constructor(private val bridge: Bridge) {
    /** Saves a new outreach. */
    public suspend fun save(new: NewOutreach): OutreachRecord = bridge.call { saveOutreach(new) }

    /** Saves a new outreach of now, in the person's own grid. */
    public suspend fun save(outreach: Outreach): OutreachRecord = save(NewOutreach(outreach))

    /** Saves an edited outreach: only what changed since its version is written. */
    public suspend fun edit(record: OutreachRecord): OutreachRecord = bridge.call { editOutreach(record) }

    /** One outreach, as on its own page. */
    public suspend fun get(id: RecordId): OutreachRecord = bridge.call { outreach(id) }

    /** The outreach that was made from a visit, if one was and it is not withdrawn. */
    public suspend fun ofVisit(visit: RecordId): OutreachRecord? = bridge.call { outreachOfVisit(visit) }

    /** A page of outreaches, newest day first, numbers masked. */
    public suspend fun list(filter: Filter = Filter(), after: Cursor? = null, most: UInt = PAGE): OutreachPage =
        bridge.call { outreaches(filter, after, most) }

    /** The first page, again after every change. */
    public fun watch(filter: Filter = Filter(), most: UInt = PAGE): Flow<List<OutreachRecord>> =
        bridge.watch { outreaches(filter, null, most).items }
}
