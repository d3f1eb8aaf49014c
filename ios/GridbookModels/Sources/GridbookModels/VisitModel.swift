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
public struct VisitState: ScreenState {
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
public final class VisitModel: FormModel<Visit, VisitRecord, VisitState, VisitEvent> {
    /// Opens the form on its target.
    public init(_ workbook: Workbook, _ target: VisitTarget) {
        super.init(
            workbook, VisitState(), FormRecords(workbook.visits),
            FormPart(
                form: \.form, kept: \.kept, saving: \.saving, saved: \.saved, closed: \.closed, message: \.message,
                problem: \.problem, loading: \.loading
            )
        )
        inTurn { [weak self] in try await self?.load(target) }
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
        case .save: save()
        case .makeOutreach: save { [weak self] saved in self?.show { $0.outreachFrom = saved.id } }
        case .outreachOpened: show { $0.outreachFrom = nil }
        case .discard: discard()
        }
    }

    private func load(_ target: VisitTarget) async throws(GridbookError) {
        switch target {
        case .toHousehold(let household):
            let begun = try await workbook.drafts.begunFor(.visit, household)
            if let begun { try await resume(begun) } else { try await open(Visit(household: household)) }
        case .ofDraft(let id), .ofRecord(let id): try await resumeOrOpen(id)
        }
    }

    override func open(_ form: Visit) async throws(GridbookError) {
        let household = try await workbook.households.get(form.household)
        show {
            $0.household = household
            $0.dwelling = household.content.address
        }
        try await super.open(form)
    }
}
