import Gridbook

/// One record's page.
public struct RecordState: ScreenState {
    /// Nothing is known yet.
    public internal(set) var loading = true
    /// The record; `nil` until it is loaded.
    public internal(set) var record: AnyRecord?
    /// How far it has travelled, in words.
    public internal(set) var standing: Message?
    /// What happened to it, earliest first.
    public internal(set) var history: [HistoryLine] = []
    /// Fields that hold two values until a person chooses.
    public internal(set) var conflicts: [ConflictLine] = []
    /// What leads said of it, latest first.
    public internal(set) var reviews: [ReviewLine] = []
    /// Why the server did not take a change of it.
    public internal(set) var refusals: [Message] = []
    /// Fields with a masked number that ``RecordEvent/reveal(field:reason:)`` shows.
    public internal(set) var masked: [String] = []
    /// What the last ``RecordEvent/reveal(field:reason:)`` showed; the next event takes it away.
    public internal(set) var revealed: Revealed?
    /// What the person may do with it: offer nothing else.
    public internal(set) var permitted: Set<RecordAction> = []
    /// What needs the person: it was returned, or withdrawn.
    public internal(set) var notice: Message?
    /// What came of the last event.
    public internal(set) var message: Message?
    /// What went wrong with the last event, until the next one.
    public internal(set) var problem: Problem?
}

/// One change of a record: who, when, what. The person is `nil` where this phone does not know them.
public struct HistoryLine: Sendable, Equatable {
    /// Who made it.
    public let person: String?
    /// When, by their clock.
    public let at: Instant
    /// What it changed, field by field.
    public let changes: [FieldChange]
}

/// A field that holds two values, the one shown for now last.
public struct ConflictLine: Sendable, Equatable {
    /// The field's path.
    public let field: String
    /// Its values.
    public let choices: [ChoiceLine]
}

/// One of the values, who wrote it and when.
public struct ChoiceLine: Sendable, Equatable {
    /// The value.
    public let value: FieldValue
    /// Who wrote it.
    public let person: String?
    /// When, by their clock.
    public let at: Instant
}

/// A field's masked number as it was written; both values where the field holds two.
public struct Revealed: Sendable, Equatable, CustomStringConvertible {
    /// The field's path.
    public let field: String
    /// What it says, for the screen alone.
    public let values: [String]

    /// Without the values, which are for the screen alone.
    public var description: String { "Revealed(field: \(field))" }
}

/// What a lead said of a record.
public struct ReviewLine: Sendable, Equatable {
    /// The review.
    public let id: RecordId
    /// The lead.
    public let person: String?
    /// The mark.
    public let mark: Mark?
    /// What the lead says.
    public let note: String
    /// When, by their clock.
    public let at: Instant
    /// How far the review has travelled.
    public let standing: Standing
}

/// What a person does on a record's page. To answer a lead, open the record's form and edit.
public enum RecordEvent: Sendable {
    /// Choose one of a field's values.
    case choose(field: String, value: FieldValue)
    /// Withdraw the record.
    case void(reason: String)
    /// Show a masked number, for a reason that is kept; an entry of the dictionary `reveal_reason`, or one's own words.
    case reveal(field: String, reason: String)
    /// Take the number that was shown off the screen.
    case hide
    /// Submit what was refused again, after its cause was seen to.
    case rescue
    /// As a lead: mark the record as it is now.
    case review(mark: Mark, note: String)
}

/// Record: history, conflicts with their choice, the thread with the lead.
public final class RecordModel: ScreenModel<RecordState, RecordEvent> {
    private let workbook: Workbook
    private let id: RecordId

    /// Shows what `workbook` holds of one record.
    public init(_ workbook: Workbook, _ id: RecordId) {
        self.workbook = workbook
        self.id = id
        super.init(RecordState(), problem: \.problem)
        // The record's own row moves with its edits and receipts, the thread with reviews.
        watch({ [workbook, id] in workbook.records.watch(id) }) { [weak self, workbook] record in
            let page = try await Page(record, in: workbook)
            self?.show(page)
        }
        watch({ [workbook] in workbook.people.watchGrants() }) { [weak self, people = workbook.people] _ in
            guard let record = self?.state.record else { return }
            let permitted = try await people.permitted(in: record.scope, record.header.kind)
            self?.show { $0.permitted = permitted }
        }
        watch({ [workbook, id] in workbook.reviews.watch(id) }) { [weak self, people = workbook.people] reviews in
            let directory = try await people.directory()
            self?.show { $0.reviews = reviews.map { ReviewLine($0, directory) } }
        }
    }

    override func handle(_ event: RecordEvent) {
        show {
            $0.message = nil
            $0.revealed = nil
        }
        inTurn { [weak self, workbook, id] in
            let done: String
            switch event {
            case .choose(let field, let value):
                _ = try await workbook.records.choose(id, field: field, value: value)
                done = Keys.conflictChosen
            case .void(let reason):
                _ = try await workbook.records.void(id, reason: reason)
                done = Keys.recordVoided
            case .reveal(let field, let reason):
                let values = try await workbook.records.reveal(id, field: field, reason: reason)
                self?.show { $0.revealed = Revealed(field: field, values: values) }
                return
            case .hide:
                return
            case .rescue:
                _ = try await workbook.records.rescue(id)
                done = Keys.rescued
            case .review(let mark, let note):
                _ = try await workbook.reviews.mark(id, mark: mark, note: note)
                done = Keys.saved
            }
            self?.show { $0.message = Message(done) }
        }
    }

    private func show(_ page: Page) {
        show {
            $0.loading = false
            $0.record = page.record
            $0.standing = page.record.standing.named()
            $0.history = page.history
            $0.conflicts = page.conflicts
            $0.refusals = page.refusals
            $0.masked = page.masked
            $0.permitted = page.permitted
            $0.notice = page.notice
        }
    }
}

/// What is read again with every change of the record.
private struct Page: Sendable {
    let record: AnyRecord
    let history: [HistoryLine]
    let conflicts: [ConflictLine]
    let refusals: [Message]
    let masked: [String]
    let permitted: Set<RecordAction>

    init(_ record: AnyRecord, in workbook: Workbook) async throws(GridbookError) {
        self.record = record
        let directory = try await workbook.people.directory()
        history = try await workbook.records.history(record.id).map {
            HistoryLine(person: directory.name(of: $0.person), at: $0.at, changes: $0.changes)
        }
        conflicts = try await workbook.records.conflicts(record.id).map { conflict in
            ConflictLine(
                field: conflict.field,
                choices: conflict.candidates.map {
                    ChoiceLine(value: $0.value, person: directory.name(of: $0.person), at: $0.at)
                }
            )
        }
        refusals = try await workbook.records.reasons(record.id)
        masked = try await workbook.records.maskedFields(record.id)
        permitted = try await workbook.people.permitted(in: record.scope, record.header.kind)
    }

    var notice: Message? {
        if record.header.voided != nil { return Message(Keys.recordVoided) }
        return record.standing == .reviewed(.returned) ? Message(Keys.returned) : nil
    }
}

extension Records {
    /// Why the server did not take a change of a record.
    func reasons(_ id: RecordId) async throws(GridbookError) -> [Message] {
        try await refusals(id).map { Message("\(Section.refusal).\($0)") }
    }
}

extension ReviewLine {
    fileprivate init(_ review: ReviewRecord, _ directory: Directory) {
        self.init(
            id: review.id,
            person: directory.name(of: review.header.author),
            mark: review.content.mark,
            note: review.content.note,
            at: review.header.occurredAt,
            standing: review.standing
        )
    }
}
