import Foundation

/// What the groups of a ``Workbook`` share: the open handle and what has changed.
final class Bridge: Sendable {
    private let handle: Locked<WorkbookHandle?>
    private let heard = Broadcast<RecordsChanged>()

    /// Who tells how far the exchange is.
    let exchanges = Exchanges()

    init(_ handle: WorkbookHandle) throws {
        self.handle = Locked(handle)
        try handle.listen(listener: Hearing(heard))
    }

    /// One blocking call, away from the caller's thread.
    func call<T: Sendable>(_ work: @escaping @Sendable (WorkbookHandle) throws -> T) async throws(GridbookError) -> T {
        try await away { try work(self.opened()) }
    }

    /// The handle, as long as the workbook is open.
    func opened() throws(GridbookError) -> WorkbookHandle {
        guard let handle = handle.with({ $0 }) else {
            throw .Unexpected(code: "closed")
        }
        return handle
    }

    /// Every committed edit from now on. Whoever falls behind by hundreds loses the oldest.
    func changes() -> AsyncStream<RecordsChanged> {
        heard.stream(most: 256)
    }

    /// Lets the streams answer again after what the core announces to nobody: drafts, and what an exchange refused.
    func tell(_ edit: EditKind) {
        heard.send(RecordsChanged(edit: edit, records: []))
    }

    /// What `query` answers now and after every change that `concerns` it; an answer that is the same is left out, and
    /// whoever takes their time gets the newest alone. It ends when the workbook is closed.
    func watch<T: Sendable & Equatable>(
        concerns: @escaping @Sendable (RecordsChanged) -> Bool = { $0.edit != .draft },
        _ query: @escaping @Sendable (WorkbookHandle) throws -> T
    ) -> AsyncThrowingStream<T, any Error> {
        // Taken before the first answer, so that no change falls between that and the next.
        let news = heard.stream(most: 1, where: concerns)
        let watch = Watch(news) { try await self.call(query) }
        return AsyncThrowingStream { try await watch.next() }
    }

    /// Stops an exchange that is under way, ends the streams, and closes the database once the last call has returned.
    func close() {
        let closing = handle.with { handle in
            defer { handle = nil }
            return handle
        }
        try? closing?.cancelSync()
        heard.finish()
        exchanges.progress.finish()
    }
}

/// Only hands on: the writer waits for it.
private final class Hearing: ChangeListener {
    private let heard: Broadcast<RecordsChanged>

    init(_ heard: Broadcast<RecordsChanged>) {
        self.heard = heard
    }

    func recordsChanged(change: RecordsChanged) {
        heard.send(change)
    }
}

/// A page's length where the caller names none.
@usableFromInline let pageLength: UInt32 = 60
