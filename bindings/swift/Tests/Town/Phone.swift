import Foundation
import Gridbook

/// One phone: a folder with its database and, in place of a key store, a folder of secrets.
public final class Phone: @unchecked Sendable {
    public let folder: URL
    public let file: URL
    public private(set) var workbook: Workbook

    init(in folder: URL) async throws {
        self.folder = folder
        file = folder.appendingPathComponent("workbook.db")
        workbook = try await Self.guardian(of: folder).open()
    }

    /// As after the app was closed and opened again.
    public func reopen() async throws {
        await workbook.close()
        workbook = try await guardian().open()
    }

    /// What opens it.
    public func guardian() async throws -> Guard {
        try await Self.guardian(of: folder)
    }

    public func close() async {
        await workbook.close()
    }

    public func household(_ dwelling: String) async throws -> HouseholdRecord {
        try await workbook.households.save(Household(dwelling: try readDwelling(text: dwelling), class: "red"))
    }

    public func visit(_ household: RecordId, note: String = "") async throws(GridbookError) -> VisitRecord {
        try await workbook.visits.save(Visit(household: household, outcome: .met, note: note))
    }

    public func unsent() async throws -> UInt64 {
        try await workbook.server.status().unsent
    }

    private static func guardian(of folder: URL) async throws -> Guard {
        try await Guard.inFolder(
            path: folder.appendingPathComponent("workbook.db").path,
            vaultFolder: folder.appendingPathComponent("vault").path
        )
    }
}
