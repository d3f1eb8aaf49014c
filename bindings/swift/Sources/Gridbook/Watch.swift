import Foundation

/// Asks again after every change: what a stream called `watch` reads from. It has one reader, who waits for one answer
/// at a time, so its state needs no lock.
final class Watch<Answer: Sendable & Equatable>: @unchecked Sendable {
    private var changes: AsyncStream<RecordsChanged>.Iterator
    private let query: @Sendable () async throws -> Answer
    private var last: Answer?

    init(_ changes: AsyncStream<RecordsChanged>, _ query: @escaping @Sendable () async throws -> Answer) {
        self.changes = changes.makeAsyncIterator()
        self.query = query
    }

    /// The first answer at once, then the next one that is another; `nil` once there are no more changes.
    func next() async throws -> Answer? {
        while true {
            if last != nil, await changes.next() == nil { return nil }
            let answer: Answer
            do {
                answer = try await query()
            } catch GridbookError.Unexpected("closed") {
                // A change that was still waiting when the workbook was closed is asked about no more.
                return nil
            }
            if answer != last {
                last = answer
                return answer
            }
        }
    }
}
