import Gridbook

/// Where a state has what all forms show alike.
struct FormPart<Form, Saved, State> {
    let form: WritableKeyPath<State, Form?>
    let kept: WritableKeyPath<State, Bool>
    let saving: WritableKeyPath<State, Bool>
    let saved: WritableKeyPath<State, Saved?>
    let closed: WritableKeyPath<State, Bool>
    let message: WritableKeyPath<State, Message?>
    let problem: WritableKeyPath<State, Problem?>
    /// `nil` where it is not the form that is waited for.
    var loading: WritableKeyPath<State, Bool>?
    /// `nil` where there is nothing to choose.
    var grid: WritableKeyPath<State, ScopeId?>?
}

/// What all forms share: a draft from the first keystroke, going on with one that is there, and saving a new record or
/// the one that is edited.
public class FormModel<Form: Sendable & Equatable, Saved: Sendable, State: ScreenState, Event: Sendable>:
    ScreenModel<State, Event>
{
    let workbook: Workbook
    let keeper: Autosave
    private let records: FormRecords<Form, Saved>
    private let part: FormPart<Form, Saved, State>
    // The record that is edited; nil while it is a new one.
    final var base: Saved? {
        didSet { keeper.base = base.map(records.drafted) }
    }

    init(
        _ workbook: Workbook,
        _ first: State,
        _ records: FormRecords<Form, Saved>,
        _ part: FormPart<Form, Saved, State>
    ) {
        self.workbook = workbook
        self.records = records
        self.part = part
        keeper = Autosave(workbook.drafts)
        super.init(first, problem: part.problem)
        keeper.told = { [weak self] error in
            self?.show {
                $0[keyPath: part.kept] = error == nil
                if let error { $0[keyPath: part.problem] = Problem(error) }
            }
        }
    }

    deinit {
        keeper.hurry()
    }

    /// Shows the form and what belongs to it.
    func open(_ form: Form) async throws(GridbookError) {
        show {
            if let loading = part.loading { $0[keyPath: loading] = false }
            $0[keyPath: part.form] = form
        }
    }

    /// Saves a new record, from the draft if there is one.
    func saveNew(_ form: Form, _ id: RecordId?) async throws(GridbookError) -> Saved {
        try await records.add(form, id, part.grid.flatMap { state[keyPath: $0] })
    }

    /// What is written of what was typed.
    func whole(_ form: Form) -> Form { form }

    /// A draft is gone on with: what a new record from it needs to know besides.
    func resuming(_ form: Form) async throws(GridbookError) {}

    /// Shows what was written, which is edited from now on.
    func wrote(_ saved: Saved) {
        base = saved
        showWritten(saved[keyPath: records.form])
    }

    /// Shows that it was written, and in the form what comes next.
    final func showWritten(_ form: Form) {
        show {
            $0[keyPath: part.form] = form
            $0[keyPath: part.kept] = true
            $0[keyPath: part.saved] = base
            $0[keyPath: part.message] = Message(Keys.saved)
        }
    }

    /// A draft may have been saved meanwhile, and an edit of a record have been begun.
    final func resumeOrOpen(_ id: RecordId) async throws(GridbookError) {
        if let draft = try await workbook.drafts.get(id) { return try await resume(draft) }
        let record = try await records.get(id)
        base = record
        try await open(record[keyPath: records.form])
        show { $0[keyPath: part.saved] = record }
    }

    final func resume(_ draft: Draft) async throws(GridbookError) {
        guard let typed = records.typed(draft) else {
            return show {
                if let loading = part.loading { $0[keyPath: loading] = false }
                $0[keyPath: part.problem] = Problem(Keys.unreadableDraft, action: .update)
            }
        }
        // Not the version of now: what others have written since is not known to the one who typed.
        if let version = draft.version {
            var record = try await records.get(draft.id)
            record[keyPath: records.version] = version
            base = record
        }
        try await resuming(typed)
        keeper.resume(draft)
        keep(draft.grid)
        try await open(typed)
        show {
            $0[keyPath: part.saved] = base
            $0[keyPath: part.message] = Message(Keys.draftFound)
        }
    }

    final func edit(_ change: (inout Form) -> Void) {
        guard !state[keyPath: part.saving], var typed = state[keyPath: part.form] else { return }
        change(&typed)
        typed = whole(typed)
        show {
            $0[keyPath: part.form] = typed
            $0[keyPath: part.kept] = false
            $0[keyPath: part.message] = nil
        }
        keeper.typed(records.content(typed))
    }

    /// The grid of a new record.
    final func choose(_ grid: ScopeId) {
        keep(grid)
        if keeper.begun { edit { _ in } }
    }

    private func keep(_ grid: ScopeId?) {
        guard let chosen = part.grid else { return }
        keeper.grid = grid
        show { $0[keyPath: chosen] = grid }
    }

    final func save(then: @escaping @MainActor (Saved) -> Void = { _ in }) {
        guard !state[keyPath: part.saving], let typed = state[keyPath: part.form] else { return }
        show { $0[keyPath: part.saving] = true }
        inTurn { [self] in
            defer { show { $0[keyPath: part.saving] = false } }
            let saved = try await written(whole(typed))
            wrote(saved)
            then(saved)
        }
    }

    private func written(_ typed: Form) async throws(GridbookError) -> Saved {
        guard var record = base else {
            return try await keeper.finish { [self] id throws(GridbookError) in try await saveNew(typed, id) }
        }
        if record[keyPath: records.form] == typed, !keeper.begun { return record }
        record[keyPath: records.form] = typed
        return try await keeper.finish { [records, record] _ throws(GridbookError) in try await records.edit(record) }
    }

    /// Throws the draft away; the form shows the record that was edited, or `empty`, or what was typed.
    final func discard(closes: Bool = true, empty: Form? = nil) {
        inTurn { [self] in
            try await keeper.discard()
            let shown = base.map { $0[keyPath: records.form] } ?? empty
            show {
                if let shown { $0[keyPath: part.form] = shown }
                $0[keyPath: part.kept] = true
                $0[keyPath: part.closed] = closes
            }
        }
    }
}
