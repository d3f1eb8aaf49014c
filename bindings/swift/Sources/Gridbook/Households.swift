import Foundation

/// 户: households, and which of them want a visit.
public struct Households: Sendable {
    let bridge: Bridge

    /// Saves a new household.
    public func save(_ new: NewHousehold) async throws(GridbookError) -> HouseholdRecord {
        try await bridge.call { try $0.saveHousehold(new: new) }
    }

    /// Saves a new household in the person's own grid.
    public func save(_ household: Household) async throws(GridbookError) -> HouseholdRecord {
        try await save(NewHousehold(content: household))
    }

    /// Saves an edited household: only what changed since its version is written.
    public func edit(_ record: HouseholdRecord) async throws(GridbookError) -> HouseholdRecord {
        try await bridge.call { try $0.editHousehold(record: record) }
    }

    /// One household, as on its own page.
    public func get(_ id: RecordId) async throws(GridbookError) -> HouseholdRecord {
        try await bridge.call { try $0.household(id: id) }
    }

    /// A part of all households in walking order, after the place where the last part ended.
    public func walk(after: String? = nil, most: UInt32 = pageLength) async throws(GridbookError) -> HouseholdWalk {
        try await bridge.call { try $0.households(after: after, mostItems: most) }
    }

    /// A part of the households that are due on `day`, in walking order.
    public func due(
        _ day: Day,
        after: String? = nil,
        most: UInt32 = pageLength
    ) async throws(GridbookError) -> DueWalk {
        try await bridge.call { try $0.dueHouseholds(day: day, after: after, mostItems: most) }
    }

    /// The first `most` households that are due on `day`, again after every change.
    public func watchDue(_ day: Day, most: UInt32 = pageLength) -> AsyncThrowingStream<DueWalk, any Error> {
        bridge.watch { try $0.dueHouseholds(day: day, after: nil, mostItems: most) }
    }

    /// Every household at a dwelling.
    public func at(_ dwelling: Dwelling) async throws(GridbookError) -> [HouseholdRecord] {
        try await bridge.call { try $0.householdsAt(dwelling: dwelling) }
    }

    /// The household that a person names: by its dwelling such as `3-1-501`, or by the end of its id.
    public func find(_ text: String) async throws(GridbookError) -> HouseholdRecord {
        try await bridge.call { try $0.findHousehold(text: text) }
    }

    /// The latest visits to a household.
    public func visits(_ household: RecordId, most: UInt32 = pageLength) async throws(GridbookError) -> VisitPage {
        try await bridge.call { try $0.visitsTo(household: household, mostItems: most) }
    }

    /// Imports a roster from CSV or XLSX: every line, or none and a problem for each line that is wrong.
    public func `import`(
        fileName: String,
        bytes: Data,
        grid: ScopeId? = nil
    ) async throws(GridbookError) -> ImportReport {
        try await bridge.call { try $0.importHouseholds(fileName: fileName, bytes: bytes, grid: grid) }
    }
}
