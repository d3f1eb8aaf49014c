import Foundation

/// Records of any kind: search, history, conflicts, withdrawing, receipts.
public struct Records: Sendable {
    let bridge: Bridge

    /// A record of any kind, as on its own page: numbers masked unless the person wrote it.
    public func get(_ id: RecordId) async throws(GridbookError) -> AnyRecord {
        try await bridge.call { try $0.record(id: id) }
    }

    /// A record, again after every change.
    public func watch(_ id: RecordId) -> AsyncThrowingStream<AnyRecord, any Error> {
        bridge.watch { try $0.record(id: id) }
    }

    /// How far a record has travelled (在手机 / 已到服务器 / 已阅), again whenever a receipt or a mark comes.
    public func receipts(_ id: RecordId) -> AsyncThrowingStream<Standing, any Error> {
        bridge.watch { try $0.standing(id: id) }
    }

    /// The fields of a record whose numbers are masked on its page and that ``reveal(_:field:reason:)`` shows to this person.
    public func maskedFields(_ id: RecordId) async throws(GridbookError) -> [String] {
        try await bridge.call { try $0.maskedFields(id: id) }
    }

    /// What a field with masked numbers says as it was written, the value shown for now last where it holds two. Who asked,
    /// when and why is kept first, and goes to the server. The dictionary `reveal_reason` has presets for `reason`.
    public func reveal(_ id: RecordId, field: String, reason: String) async throws(GridbookError) -> [String] {
        try await bridge.call { try $0.reveal(id: id, field: field, reason: reason) }
    }

    /// A page of records whose text holds every word of `text`, the latest arrived first, numbers masked.
    public func search(
        _ text: String,
        after: Cursor? = nil,
        most: UInt32 = pageLength
    ) async throws(GridbookError) -> RecordPage {
        try await bridge.call { try $0.search(text: text, after: after, mostItems: most) }
    }

    /// The record or draft that a person names by an id or the end of it.
    public func find(_ text: String) async throws(GridbookError) -> RecordId {
        try await bridge.call { try $0.find(text: text) }
    }

    /// Withdraws a record; it stays, struck through, with who, when and why.
    public func void(_ id: RecordId, reason: String) async throws(GridbookError) -> AnyRecord {
        try await bridge.call { try $0.voidRecord(id: id, reason: reason) }
    }

    /// A record's history field by field.
    public func history(_ id: RecordId) async throws(GridbookError) -> [HistoryStep] {
        try await bridge.call { try $0.history(id: id) }
    }

    /// All fields on this phone that hold two values.
    public func conflicts() async throws(GridbookError) -> [OpenConflict] {
        try await bridge.call { try $0.conflicts() }
    }

    /// The fields of one record that hold two values.
    public func conflicts(_ id: RecordId) async throws(GridbookError) -> [OpenConflict] {
        try await bridge.call { try $0.conflictsIn(id: id) }
    }

    /// All open conflicts, again after every change.
    public func watchConflicts() -> AsyncThrowingStream<[OpenConflict], any Error> {
        bridge.watch { try $0.conflicts() }
    }

    /// Chooses a field's value: the conflict is closed on every phone that hears of it.
    public func choose(_ id: RecordId, field: String, value: FieldValue) async throws(GridbookError) -> AnyRecord {
        try await bridge.call { try $0.choose(id: id, field: field, value: value) }
    }

    /// At most `most` records with a change that has no receipt yet (在手机), the latest written first.
    public func onPhone(most: UInt32 = pageLength) async throws(GridbookError) -> [AnyRecord] {
        try await bridge.call { try $0.onPhone(mostItems: most) }
    }

    /// Records with a change that the server refused; ``refusals(_:)`` says why.
    public func refused() async throws(GridbookError) -> [AnyRecord] {
        try await bridge.call { try $0.refusedRecords() }
    }

    /// Why the server refused changes of a record, as codes.
    public func refusals(_ id: RecordId) async throws(GridbookError) -> [String] {
        try await bridge.call { try $0.refusals(id: id) }
    }

    /// Submits a refused record again, after its cause was seen to.
    public func rescue(_ id: RecordId) async throws(GridbookError) -> AnyRecord {
        try await bridge.call { try $0.rescue(id: id) }
    }

    /// What was erased for good, latest first.
    public func erasures() async throws(GridbookError) -> [Erasure] {
        try await bridge.call { try $0.erasures() }
    }

    /// What was handed over to or from this phone's scopes, latest first: the receipt of both workers.
    public func handOvers() async throws(GridbookError) -> [HandOver] {
        try await bridge.call { try $0.handOvers() }
    }

    /// A record's document in automerge's own format, for its author alone.
    public func export(_ id: RecordId) async throws(GridbookError) -> Data {
        try await bridge.call { try $0.exportRecord(id: id) }
    }
}
