import Foundation

/// Drafts: kept from the first keystroke, found again after the app was killed.
public struct Drafts: Sendable {
    let bridge: Bridge

    /// Begins a draft of a new record; nothing is asked of its content.
    public func begin(_ content: Content) async throws(GridbookError) -> Draft {
        try await told { try $0.beginDraft(content: content) }
    }

    /// Begins a draft that edits a record, at the version that is handed in; one that is there already gives way.
    public func edit(_ record: AnyRecord) async throws(GridbookError) -> Draft {
        try await told { try $0.beginEdit(record: record) }
    }

    /// Keeps the present state of a draft. When it returns, a kill loses nothing.
    public func keep(_ draft: Draft) async throws(GridbookError) -> Draft {
        try await told { try $0.keepDraft(draft: draft) }
    }

    /// All drafts, the latest touched first.
    public func list() async throws(GridbookError) -> [Draft] {
        try await bridge.call { try $0.drafts() }
    }

    /// All drafts, again after every change.
    public func watch() -> AsyncThrowingStream<[Draft], any Error> {
        bridge.watch(concerns: { _ in true }) { try $0.drafts() }
    }

    /// The unfinished draft of a new record of `kind` about the record `subject` (a visit's household, an outreach's visit,
    /// nothing for a diary entry), which a form goes on with; the latest touched if there are several.
    public func begunFor(_ kind: Kind, _ subject: RecordId? = nil) async throws(GridbookError) -> Draft? {
        try await bridge.call { try $0.begunDraft(kind: kind, subject: subject) }
    }

    /// One draft, if it is still there.
    public func get(_ id: RecordId) async throws(GridbookError) -> Draft? {
        try await bridge.call { try $0.draft(id: id) }
    }

    /// Throws a draft away; true if there was one.
    public func discard(_ id: RecordId) async throws(GridbookError) -> Bool {
        try await told { try $0.discardDraft(id: id) }
    }

    private func told<T: Sendable>(
        _ work: @escaping @Sendable (WorkbookHandle) throws -> T
    ) async throws(GridbookError) -> T {
        let answer = try await bridge.call(work)
        bridge.tell(.draft)
        return answer
    }
}

extension Draft {
    /// True if it edits a record that exists: save it with that record's `edit`, at the draft's ``version``.
    public var editsExisting: Bool { version != nil }
}
