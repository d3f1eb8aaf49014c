package org.gridbook

import kotlinx.coroutines.flow.Flow

/** 日记: the day's page, built from the day's visits, outreach and ticks plus what the worker adds. */
public class Diary internal constructor(private val bridge: Bridge) {
    /** Saves a new entry; without a date it belongs to today. */
    public suspend fun save(new: NewDiaryEntry): DiaryRecord = bridge.call { saveEntry(new) }

    /** Saves a new entry in the person's own grid. */
    public suspend fun save(entry: DiaryEntry): DiaryRecord = save(NewDiaryEntry(entry))

    /** Saves an edited entry: only what changed since its version is written. */
    public suspend fun edit(record: DiaryRecord): DiaryRecord = bridge.call { editEntry(record) }

    /** One entry, as on its own page. */
    public suspend fun get(id: RecordId): DiaryRecord = bridge.call { entry(id) }

    /** A page of entries, newest day first, numbers masked. */
    public suspend fun list(filter: Filter = Filter(), after: Cursor? = null, most: UInt = PAGE): DiaryPage =
        bridge.call { entries(filter, after, most) }

    /** The page of [day]: the person's own, or a colleague's. */
    public suspend fun page(day: Day, person: PersonId? = null): DayPage = bridge.call { dayPage(day, person) }

    /** The page of [day], again after every change. */
    public fun watchPage(day: Day, person: PersonId? = null): Flow<DayPage> = bridge.watch { dayPage(day, person) }

    /** What was done from [from] to [to], of everything on this phone. */
    public suspend fun summary(from: Day, to: Day): Summary = bridge.call { summary(from, to) }

    /** Today in the community's zone, by this phone's clock. */
    public suspend fun today(): Day = bridge.call { today() }

    /** The day on which [at] falls in the community's zone. */
    public suspend fun dayOf(at: Instant): Day = bridge.call { dayOf(at) }

    /** When [day] begins in the community's zone. */
    public suspend fun startOf(day: Day): Instant = bridge.call { startOf(day) }
}
