import Foundation

/// 阅评: leads' marks and notes.
public struct Reviews: Sendable {
    let bridge: Bridge

    /// Marks the present version of a record, as a lead. Whoever returns it says why in `note`.
    public func mark(_ subject: RecordId, mark: Mark, note: String = "") async throws(GridbookError) -> ReviewRecord {
        try await bridge.call { try $0.mark(subject: subject, mark: mark, note: note) }
    }

    /// All reviews of a record, latest first.
    public func of(_ subject: RecordId) async throws(GridbookError) -> [ReviewRecord] {
        try await bridge.call { try $0.reviewsOf(subject: subject) }
    }

    /// All reviews of a record, again after every change.
    public func watch(_ subject: RecordId) -> AsyncThrowingStream<[ReviewRecord], any Error> {
        bridge.watch { try $0.reviewsOf(subject: subject) }
    }
}
