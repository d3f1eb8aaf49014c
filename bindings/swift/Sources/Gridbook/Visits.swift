import Foundation

/// 走访: visits from door to door.
public struct Visits: Sendable {
    let bridge: Bridge

    /// Saves a new visit in its household's grid. One that met nobody schedules its own retry.
    public func save(_ new: NewVisit) async throws(GridbookError) -> VisitRecord {
        try await bridge.call { try $0.saveVisit(new: new) }
    }

    /// Saves a new visit of now.
    public func save(_ visit: Visit) async throws(GridbookError) -> VisitRecord {
        try await save(NewVisit(content: visit))
    }

    /// Saves an edited visit: only what changed since its version is written.
    public func edit(_ record: VisitRecord) async throws(GridbookError) -> VisitRecord {
        try await bridge.call { try $0.editVisit(record: record) }
    }

    /// One visit, as on its own page.
    public func get(_ id: RecordId) async throws(GridbookError) -> VisitRecord {
        try await bridge.call { try $0.visit(id: id) }
    }

    /// A page of visits, newest day first, numbers masked.
    public func list(
        filter: Filter = Filter(),
        after: Cursor? = nil,
        most: UInt32 = pageLength
    ) async throws(GridbookError) -> VisitPage {
        try await bridge.call { try $0.visits(filter: filter, after: after, mostItems: most) }
    }

    /// The first page, again after every change.
    public func watch(
        filter: Filter = Filter(),
        most: UInt32 = pageLength
    ) -> AsyncThrowingStream<[VisitRecord], any Error> {
        bridge.watch { try $0.visits(filter: filter, after: nil, mostItems: most).items }
    }

    /// A new outreach with everything that the visit knows already: one tap, nothing typed twice.
    public func outreachFrom(_ visit: RecordId) async throws(GridbookError) -> NewOutreach {
        try await bridge.call { try $0.outreachFrom(visit: visit) }
    }
}
