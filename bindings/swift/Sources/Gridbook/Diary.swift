import Foundation

/// 日记: the day's page, built from the day's visits, outreach and ticks plus what the worker adds.
public struct Diary: Sendable {
    let bridge: Bridge

    /// Saves a new entry; without a date it belongs to today.
    public func save(_ new: NewDiaryEntry) async throws(GridbookError) -> DiaryRecord {
        try await bridge.call { try $0.saveEntry(new: new) }
    }

    /// Saves a new entry in the person's own grid.
    public func save(_ entry: DiaryEntry) async throws(GridbookError) -> DiaryRecord {
        try await save(NewDiaryEntry(content: entry))
    }

    /// Saves an edited entry: only what changed since its version is written.
    public func edit(_ record: DiaryRecord) async throws(GridbookError) -> DiaryRecord {
        try await bridge.call { try $0.editEntry(record: record) }
    }

    /// One entry, as on its own page.
    public func get(_ id: RecordId) async throws(GridbookError) -> DiaryRecord {
        try await bridge.call { try $0.entry(id: id) }
    }

    /// A page of entries, newest day first, numbers masked.
    public func list(
        filter: Filter = Filter(),
        after: Cursor? = nil,
        most: UInt32 = pageLength
    ) async throws(GridbookError) -> DiaryPage {
        try await bridge.call { try $0.entries(filter: filter, after: after, mostItems: most) }
    }

    /// The page of `day`: the person's own, or a colleague's.
    public func page(_ day: Day, person: PersonId? = nil) async throws(GridbookError) -> DayPage {
        try await bridge.call { try $0.dayPage(day: day, person: person) }
    }

    /// The page of `day`, again after every change.
    public func watchPage(_ day: Day, person: PersonId? = nil) -> AsyncThrowingStream<DayPage, any Error> {
        bridge.watch { try $0.dayPage(day: day, person: person) }
    }

    /// What was done from `from` to `to`, of everything on this phone.
    public func summary(from: Day, to: Day) async throws(GridbookError) -> Summary {
        try await bridge.call { try $0.summary(from: from, to: to) }
    }

    /// Today in the community's zone, by this phone's clock.
    public func today() async throws(GridbookError) -> Day {
        try await bridge.call { try $0.today() }
    }

    /// The day on which `at` falls in the community's zone.
    public func dayOf(_ at: Date) async throws(GridbookError) -> Day {
        try await bridge.call { try $0.dayOf(at: at) }
    }

    /// When `day` begins in the community's zone.
    public func startOf(_ day: Day) async throws(GridbookError) -> Date {
        try await bridge.call { try $0.startOf(day: day) }
    }
}
