package org.gridbook

import kotlinx.coroutines.flow.Flow

/** 户: households, and which of them want a visit. */
public class Households internal constructor(private val bridge: Bridge) {
    /** Saves a new household. */
    public suspend fun save(new: NewHousehold): HouseholdRecord = bridge.call { saveHousehold(new) }

    /** Saves a new household in the person's own grid. */
    public suspend fun save(household: Household): HouseholdRecord = save(NewHousehold(household))

    /** Saves an edited household: only what changed since its version is written. */
    public suspend fun edit(record: HouseholdRecord): HouseholdRecord = bridge.call { editHousehold(record) }

    /** One household, as on its own page. */
    public suspend fun get(id: RecordId): HouseholdRecord = bridge.call { household(id) }

    /** A part of all households in walking order, after the place where the last part ended. */
    public suspend fun walk(after: String? = null, most: UInt = PAGE): HouseholdWalk =
        bridge.call { households(after, most) }

    /** A part of the households that are due on [day], in walking order. */
    public suspend fun due(day: Day, after: String? = null, most: UInt = PAGE): DueWalk =
        bridge.call { dueHouseholds(day, after, most) }

    /** The first [most] households that are due on [day], again after every change. */
    public fun watchDue(day: Day, most: UInt = PAGE): Flow<DueWalk> = bridge.watch { dueHouseholds(day, null, most) }

    /** Every household at a dwelling. */
    public suspend fun at(dwelling: Dwelling): List<HouseholdRecord> = bridge.call { householdsAt(dwelling) }

    /** The household that a person names: by its dwelling such as `3-1-501`, or by the end of its id. */
    public suspend fun find(text: String): HouseholdRecord = bridge.call { findHousehold(text) }

    /** The latest visits to a household. */
    public suspend fun visits(household: RecordId, most: UInt = PAGE): VisitPage =
        bridge.call { visitsTo(household, most) }

    /** Imports a roster from CSV or XLSX: every line, or none and a problem for each line that is wrong. */
    public suspend fun import(fileName: String, bytes: ByteArray, grid: ScopeId? = null): ImportReport =
        bridge.call { importHouseholds(fileName, bytes, grid) }
}
