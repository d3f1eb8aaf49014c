import Gridbook

/// What the form of a visit is opened for.
public enum VisitTarget: Sendable {
    /// A visit to a household; an unfinished one is gone on with.
    case toHousehold(RecordId)
    /// A draft.
    case ofDraft(RecordId)
    /// A visit that was saved: to edit it, as when a lead returned it.
    case ofRecord(RecordId)
}

/// The form of one visit.
public struct VisitState: ScreenState, FormState {
    /// Nothing is known yet.
    public internal(set) var loading = true
    /// Where the visit is; ``dwelling`` is how its address is written.
    public internal(set) var household: HouseholdRecord?
    /// How its address is written.
    public internal(set) var dwelling = ""
    /// What the form holds; `nil` until it is loaded.
    public internal(set) var form: Visit?
    /// Everything typed is on the disk.
    public internal(set) var kept = true
    /// A save is under way: the form takes nothing meanwhile.
    public internal(set) var saving = false
    /// The record, once there is one.
    public internal(set) var saved: VisitRecord?
    /// Set by ``VisitEvent/makeOutreach``: the visit is saved, open Outreach from it.
    public internal(set) var outreachFrom: RecordId?
    /// The draft was thrown away: leave the screen.
    public internal(set) var closed = false
    /// What to say at the bottom.
    public internal(set) var message: Message?
    /// What went wrong with the last event, until the next one.
    public internal(set) var problem: Problem?
}

/// What a person does in the form of a visit. Codes are of the dictionaries that `docs/DATA.md` names.
public enum VisitEvent: Sendable {
    /// How it went.
    case chooseOutcome(Outcome?)
    /// A code of `visit_purpose`.
    case togglePurpose(String)
    /// A code of `hazard`.
    case toggleHazard(String)
    /// What was seen and said.
    case typeNote(String)
    /// What the household asks for.
    case typeRequests(String)
    /// Who came along.
    case typeCompanions(String)
    /// When it began.
    case chooseStarted(Instant?)
    /// When it ended.
    case chooseEnded(Instant?)
    /// When to come again.
    case chooseNextVisit(Day?)
    /// Save the record.
    case save
    /// Save what is not saved yet, and go on to an outreach with all that the visit knows.
    case makeOutreach
    /// Outreach was opened: going back must not open it again.
    case outreachOpened
    /// Throw the draft away.
    case discard
}

/// Visit: a form that is kept from the first keystroke, checked by the core when it is saved.
public final class VisitModel: ScreenModel<VisitState, VisitEvent> {
    private let workbook: Workbook
    private let keeper: Autosave
    // The record that is edited; nil while it is a new one.
    private var base: VisitRecord? {
        didSet { keeper.base = base?.drafted }
    }

    /// Opens the form on its target.
    public init(_ workbook: Workbook, _ target: VisitTarget) {
        self.workbook = workbook
        keeper = Autosave(workbook.drafts)
        super.init(VisitState(), problem: \.problem)
        keeper.told = { [weak self] in self?.showKept($0) }
        inTurn { [weak self] in try await self?.load(target) }
    }

    deinit {
        keeper.hurry()
    }

    override func handle(_ event: VisitEvent) {
        switch event {
        case .chooseOutcome(let outcome): edit { $0.outcome = outcome }
        case .togglePurpose(let code): edit { $0.purposes.toggle(code) }
        case .toggleHazard(let code): edit { $0.hazards.toggle(code) }
        case .typeNote(let text): edit { $0.note = text }
        case .typeRequests(let text): edit { $0.requests = text }
        case .typeCompanions(let text): edit { $0.companions = text }
        case .chooseStarted(let at): edit { $0.started = at }
        case .chooseEnded(let at): edit { $0.ended = at }
        case .chooseNextVisit(let day): edit { $0.nextVisit = day }
        case .save: save { _ in }
        case .makeOutreach: save { [weak self] saved in self?.show { $0.outreachFrom = saved.id } }
        case .outreachOpened: show { $0.outreachFrom = nil }
        case .discard:
            inTurn { [self] in
                try await keeper.discard()
                show {
                    if let base { $0.form = base.content }
                    $0.kept = true
                    $0.closed = true
                }
            }
        }
    }

    private func load(_ target: VisitTarget) async throws(GridbookError) {
        switch target {
        case .toHousehold(let household):
            let begun = try await workbook.drafts.begunFor(.visit, household)
            if let begun { try await resume(begun) } else { try await open(Visit(household: household)) }
        // It may have been saved meanwhile.
        case .ofDraft(let id), .ofRecord(let id):
            if let draft = try await workbook.drafts.get(id) { return try await resume(draft) }
            let record = try await workbook.visits.get(id)
            base = record
            try await open(record.content)
            show { $0.saved = record }
        }
    }

    private func resume(_ draft: Draft) async throws(GridbookError) {
        guard let form = draft.visit else {
            return showUnreadable()
        }
        // Not the version of now: what others have written since is not known to the one who typed.
        if let version = draft.version {
            var record = try await workbook.visits.get(draft.id)
            record.version = version
            base = record
        }
        keeper.resume(draft)
        try await open(form)
        showResumed(base)
    }

    private func open(_ form: Visit) async throws(GridbookError) {
        let household = try await workbook.households.get(form.household)
        show {
            $0.loading = false
            $0.household = household
            $0.dwelling = household.content.address
            $0.form = form
        }
    }

    private func edit(_ change: (inout Visit) -> Void) {
        guard !state.saving, var form = state.form else { return }
        change(&form)
        showTyped(form)
        keeper.typed(.visit(form))
    }

    private func save(then: @escaping @MainActor (VisitRecord) -> Void) {
        guard !state.saving, let form = state.form else { return }
        show { $0.saving = true }
        inTurn { [self] in
            defer { show { $0.saving = false } }
            let saved = try await written(form)
            base = saved
            showSaved(saved, saved.content)
            then(saved)
        }
    }

    private func written(_ form: Visit) async throws(GridbookError) -> VisitRecord {
        let visits = workbook.visits
        guard var record = base else {
            return try await keeper.finish { id throws(GridbookError) in
                try await visits.save(NewVisit(content: form, id: id))
            }
        }
        if record.content == form, !keeper.begun { return record }
        record.content = form
        return try await keeper.finish { [record] _ throws(GridbookError) in try await visits.edit(record) }
    }
}
