import Gridbook

/// A kind of record as a form handles it: the generated records have nothing in common that Swift knows of.
struct FormRecords<Form: Sendable & Equatable, Saved: Sendable> {
    /// What a draft holds; `nil` if it is of another kind, or of a version that this one cannot read.
    let typed: (Draft) -> Form?
    /// What is typed, as a draft keeps it.
    let content: (Form) -> Content
    /// What a record holds.
    let form: WritableKeyPath<Saved, Form>
    /// Which version of the record someone has seen.
    let version: WritableKeyPath<Saved, Version>
    /// The record as its draft begins.
    let drafted: (Saved) -> AnyRecord
    let get: @Sendable (RecordId) async throws(GridbookError) -> Saved
    let edit: @Sendable (Saved) async throws(GridbookError) -> Saved
    /// Saves a new record in a grid, from the draft of this id.
    let add: @Sendable (Form, RecordId?, ScopeId?) async throws(GridbookError) -> Saved
}

extension FormRecords where Form == Visit, Saved == VisitRecord {
    init(_ visits: Visits) {
        self.init(
            typed: { if case .visit(let visit) = $0.content { visit } else { nil } },
            content: { .visit($0) },
            form: \.content,
            version: \.version,
            drafted: \.drafted,
            get: { id throws(GridbookError) in try await visits.get(id) },
            edit: { record throws(GridbookError) in try await visits.edit(record) },
            add: { visit, id, _ throws(GridbookError) in try await visits.save(NewVisit(content: visit, id: id)) }
        )
    }
}

extension FormRecords where Form == DiaryEntry, Saved == DiaryRecord {
    init(_ diary: Diary) {
        self.init(
            typed: { if case .diary(let entry) = $0.content { entry } else { nil } },
            content: { .diary($0) },
            form: \.content,
            version: \.version,
            drafted: \.drafted,
            get: { id throws(GridbookError) in try await diary.get(id) },
            edit: { record throws(GridbookError) in try await diary.edit(record) },
            add: { entry, id, grid throws(GridbookError) in
                try await diary.save(NewDiaryEntry(content: entry, id: id, grid: grid))
            }
        )
    }
}

extension FormRecords where Form == Outreach, Saved == OutreachRecord {
    init(_ log: OutreachLog) {
        self.init(
            typed: { if case .outreach(let outreach) = $0.content { outreach } else { nil } },
            content: { .outreach($0) },
            form: \.content,
            version: \.version,
            drafted: \.drafted,
            get: { id throws(GridbookError) in try await log.get(id) },
            edit: { record throws(GridbookError) in try await log.edit(record) },
            add: { outreach, id, grid throws(GridbookError) in
                try await log.save(NewOutreach(content: outreach, id: id, grid: grid))
            }
        )
    }
}

extension VisitRecord {
    /// The record as its draft begins.
    var drafted: AnyRecord {
        AnyRecord(
            id: id, scope: scope, header: header, created: created, updated: updated, standing: standing,
            conflicts: conflicts, version: version, content: .visit(content)
        )
    }
}

extension DiaryRecord {
    /// The record as its draft begins.
    var drafted: AnyRecord {
        AnyRecord(
            id: id, scope: scope, header: header, created: created, updated: updated, standing: standing,
            conflicts: conflicts, version: version, content: .diary(content)
        )
    }
}

extension OutreachRecord {
    /// The record as its draft begins.
    var drafted: AnyRecord {
        AnyRecord(
            id: id, scope: scope, header: header, created: created, updated: updated, standing: standing,
            conflicts: conflicts, version: version, content: .outreach(content)
        )
    }
}

extension Set {
    /// Takes in what is not in it, or throws out what is.
    mutating func toggle(_ element: Element) {
        if remove(element) == nil { insert(element) }
    }
}
