import Foundation

/// 反诈宣传: outreach against fraud.
public struct OutreachLog: Sendable {
    let bridge: Bridge

    /// Saves a new outreach.
    public func save(_ new: NewOutreach) async throws(GridbookError) -> OutreachRecord {
        try await bridge.call { try $0.saveOutreach(new: new) }
    }

    /// Saves a new outreach of now, in the person's own grid.
    public func save(_ outreach: Outreach) async throws(GridbookError) -> OutreachRecord {
        try await save(NewOutreach(content: outreach))
    }

    /// Saves an edited outreach: only what changed since its version is written.
    public func edit(_ record: OutreachRecord) async throws(GridbookError) -> OutreachRecord {
        try await bridge.call { try $0.editOutreach(record: record) }
    }

    /// One outreach, as on its own page.
    public func get(_ id: RecordId) async throws(GridbookError) -> OutreachRecord {
        try await bridge.call { try $0.outreach(id: id) }
    }

    /// The outreach that was made from a visit, if one was and it is not withdrawn.
    public func ofVisit(_ visit: RecordId) async throws(GridbookError) -> OutreachRecord? {
        try await bridge.call { try $0.outreachOfVisit(visit: visit) }
    }

    /// A page of outreaches, newest day first, numbers masked.
    public func list(
        filter: Filter = Filter(),
        after: Cursor? = nil,
        most: UInt32 = pageLength
    ) async throws(GridbookError) -> OutreachPage {
        try await bridge.call { try $0.outreaches(filter: filter, after: after, mostItems: most) }
    }

    /// The first page, again after every change.
    public func watch(
        filter: Filter = Filter(),
        most: UInt32 = pageLength
    ) -> AsyncThrowingStream<[OutreachRecord], any Error> {
        bridge.watch { try $0.outreaches(filter: filter, after: nil, mostItems: most).items }
    }
}
