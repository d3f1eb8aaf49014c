package org.gridbook

import kotlinx.coroutines.flow.Flow

/** 走访: visits from door to door. */
public class Visits internal constructor(private val bridge: Bridge) {
    /** Saves a new visit in its household's grid. One that met nobody schedules its own retry. */
    public suspend fun save(new: NewVisit): VisitRecord = bridge.call { saveVisit(new) }

    /** Saves a new visit of now. */
    public suspend fun save(visit: Visit): VisitRecord = save(NewVisit(visit))

    /** Saves an edited visit: only what changed since its version is written. */
    public suspend fun edit(record: VisitRecord): VisitRecord = bridge.call { editVisit(record) }

    /** One visit, as on its own page. */
    public suspend fun get(id: RecordId): VisitRecord = bridge.call { visit(id) }

    /** A page of visits, newest day first, numbers masked. */
    public suspend fun list(filter: Filter = Filter(), after: Cursor? = null, most: UInt = PAGE): VisitPage =
        bridge.call { visits(filter, after, most) }

    /** The first page, again after every change. */
    public fun watch(filter: Filter = Filter(), most: UInt = PAGE): Flow<List<VisitRecord>> =
        bridge.watch { visits(filter, null, most).items }

    /** A new outreach with everything that the visit knows already: one tap, nothing typed twice. */
    public suspend fun outreachFrom(visit: RecordId): NewOutreach = bridge.call { outreachFrom(visit) }
}
