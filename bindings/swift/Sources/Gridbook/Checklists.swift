import Foundation

/// 清单: the task groups' shared checklists, ticked by several people at once.
public struct Checklists: Sendable {
    let bridge: Bridge

    /// Saves a new checklist for its task group.
    public func save(_ new: NewChecklist) async throws(GridbookError) -> ChecklistRecord {
        try await bridge.call { try $0.saveChecklist(new: new) }
    }

    /// Saves a new checklist of now for its task group.
    public func save(_ checklist: Checklist) async throws(GridbookError) -> ChecklistRecord {
        try await save(NewChecklist(content: checklist))
    }

    /// Saves an edited checklist: only what changed since its version is written.
    public func edit(_ record: ChecklistRecord) async throws(GridbookError) -> ChecklistRecord {
        try await bridge.call { try $0.editChecklist(record: record) }
    }

    /// One checklist; `progress()` of its content says how far it is.
    public func get(_ id: RecordId) async throws(GridbookError) -> ChecklistRecord {
        try await bridge.call { try $0.checklist(id: id) }
    }

    /// One checklist, again after every change.
    public func watch(_ id: RecordId) -> AsyncThrowingStream<ChecklistRecord, any Error> {
        bridge.watch { try $0.checklist(id: id) }
    }

    /// A page of checklists, newest period first.
    public func list(
        filter: Filter = Filter(),
        after: Cursor? = nil,
        most: UInt32 = pageLength
    ) async throws(GridbookError) -> ChecklistPage {
        try await bridge.call { try $0.checklists(filter: filter, after: after, mostItems: most) }
    }

    /// The first page, again after every change.
    public func watchList(
        filter: Filter = Filter(),
        most: UInt32 = pageLength
    ) -> AsyncThrowingStream<ChecklistPage, any Error> {
        bridge.watch { try $0.checklists(filter: filter, after: nil, mostItems: most) }
    }

    /// Saves a new template for its task group.
    public func saveTemplate(_ new: NewTemplate) async throws(GridbookError) -> TemplateRecord {
        try await bridge.call { try $0.saveTemplate(new: new) }
    }

    /// Saves an edited template: only what changed since its version is written.
    public func editTemplate(_ record: TemplateRecord) async throws(GridbookError) -> TemplateRecord {
        try await bridge.call { try $0.editTemplate(record: record) }
    }

    /// A page of templates.
    public func templates(
        filter: Filter = Filter(),
        after: Cursor? = nil,
        most: UInt32 = pageLength
    ) async throws(GridbookError) -> TemplatePage {
        try await bridge.call { try $0.templates(filter: filter, after: after, mostItems: most) }
    }

    /// Makes the checklists of the period that holds `day` from the templates, where they are missing.
    public func beginPeriod(_ day: Day) async throws(GridbookError) -> [RecordId] {
        try await bridge.call { try $0.beginPeriod(day: day) }
    }

    /// The items that wait for this person on `day`, what is due first coming first.
    public func openItems(_ day: Day) async throws(GridbookError) -> [OpenItem] {
        try await bridge.call { try $0.openItems(day: day) }
    }

    /// The items that wait for this person on `day`, again after every change.
    public func watchOpenItems(_ day: Day) -> AsyncThrowingStream<[OpenItem], any Error> {
        bridge.watch { try $0.openItems(day: day) }
    }

    /// Ticks an item in the person's own name.
    public func tick(_ checklist: RecordId, item: String) async throws(GridbookError) -> ChecklistRecord {
        try await bridge.call { try $0.tick(checklist: checklist, item: item) }
    }

    /// Takes a person's tick back; by default the own one.
    public func untick(
        _ checklist: RecordId,
        item: String,
        person: PersonId? = nil
    ) async throws(GridbookError) -> ChecklistRecord {
        try await bridge.call { try $0.untick(checklist: checklist, item: item, person: person) }
    }

    /// The task groups whose checklists the person reads.
    public func groups() async throws(GridbookError) -> [ScopeId] {
        try await bridge.call { try $0.groups() }
    }
}

extension Checklist {
    /// The items in order with their ticks, removed ones left out.
    public func progress() throws(GridbookError) -> [ItemProgress] {
        try crossing { try checklistProgress(checklist: self) }.get()
    }
}
