import Foundation
import Gridbook

/// What the form of an outreach is opened for.
public enum OutreachTarget: Sendable {
    /// A new one.
    case new
    /// A new one with everything that a visit knows; an unfinished one is gone on with.
    case fromVisit(RecordId)
    /// A draft.
    case ofDraft(RecordId)
    /// An outreach that was saved: to edit it.
    case ofRecord(RecordId)
}

/// The form of one outreach, over the latest ones.
public struct OutreachState: ScreenState {
    /// Nothing is known yet.
    public internal(set) var loading = true
    /// What the form holds; `nil` until it is loaded.
    public internal(set) var form: Outreach?
    /// Where the households are that it names, in no order.
    public internal(set) var dwellings: [String] = []
    /// The grids to choose from, where the worker has several and no visit says which.
    public internal(set) var grids: [GridLine] = []
    /// The one chosen for a new outreach.
    public internal(set) var grid: ScopeId?
    /// Everything typed is on the disk.
    public internal(set) var kept = true
    /// A save is under way: the form takes nothing meanwhile.
    public internal(set) var saving = false
    /// The record, once there is one.
    public internal(set) var saved: OutreachRecord?
    /// The draft was thrown away: leave the screen.
    public internal(set) var closed = false
    /// The latest outreaches; ``none`` says so where there are none.
    public internal(set) var latest: [OutreachRecord] = []
    /// Says so where there are none.
    public internal(set) var none: Message?
    /// What came of the last event.
    public internal(set) var message: Message?
    /// What went wrong with the last event, until the next one.
    public internal(set) var problem: Problem?
}

/// What a person does in the form of an outreach.
public enum OutreachEvent: Sendable {
    /// The form it takes.
    case chooseForm(OutreachForm?)
    /// Where, in words.
    case typePlace(String)
    /// The building it covered.
    case typeBuilding(String)
    /// A household reached.
    case toggleHousehold(RecordId)
    /// A code of `fraud_type`.
    case toggleFraudType(String)
    /// People reached (人次).
    case setReached(UInt32)
    /// Leaflets handed out.
    case setLeaflets(UInt32)
    /// Questions answered.
    case setConsultations(UInt32)
    /// People talked out of a payment.
    case setDissuaded(UInt32)
    /// Anything else.
    case typeNote(String)
    /// The grid of a new outreach, where the worker has several.
    case chooseGrid(ScopeId)
    /// Save the record.
    case save
    /// Throw the draft away.
    case discard
}

/// Outreach: a form that a visit fills with one tap, kept from the first keystroke.
public final class OutreachModel: FormModel<Outreach, OutreachRecord, OutreachState, OutreachEvent> {
    // What a new one begins with: all that a visit knows, if it is a visit's.
    private var new = NewOutreach(content: Outreach())

    /// Opens the form on its target.
    public init(_ workbook: Workbook, _ target: OutreachTarget = .new) {
        super.init(
            workbook, OutreachState(), FormRecords(workbook.outreach),
            FormPart(
                form: \.form, kept: \.kept, saving: \.saving, saved: \.saved, closed: \.closed, message: \.message,
                problem: \.problem, loading: \.loading, grid: \.grid
            )
        )
        inTurn { [weak self] in try await self?.load(target) }
        watch({ [workbook] in workbook.people.watchDirectory() }) { [weak self] _ in
            let grids = try await workbook.gridsToChoose(.outreach)
            // After the form is loaded: it may be a visit's.
            self?.inTurn { [weak self] in self?.offer(grids) }
        }
        watch({ [workbook] in workbook.outreach.watch() }) { [weak self] latest in
            self?.show {
                $0.latest = latest
                $0.none = latest.isEmpty ? Message(Keys.noRecords) : nil
            }
        }
    }

    override func handle(_ event: OutreachEvent) {
        switch event {
        case .chooseForm(let form): edit { $0.form = form }
        case .typePlace(let text): edit { $0.place = text }
        case .typeBuilding(let text): edit { $0.building = text }
        case .toggleHousehold(let household):
            edit { $0.households.toggle(household.uuidString.lowercased()) }
            inTurn { [weak self] in try await self?.nameDwellings() }
        case .toggleFraudType(let code): edit { $0.fraudTypes.toggle(code) }
        case .setReached(let people): edit { $0.reached = people }
        case .setLeaflets(let leaflets): edit { $0.leaflets = leaflets }
        case .setConsultations(let questions): edit { $0.consultations = questions }
        case .setDissuaded(let people): edit { $0.dissuaded = people }
        case .typeNote(let text): edit { $0.note = text }
        case .chooseGrid(let grid): choose(grid)
        case .save: save()
        case .discard: discard()
        }
    }

    private func load(_ target: OutreachTarget) async throws(GridbookError) {
        switch target {
        case .new: try await open(new.content)
        case .fromVisit(let visit):
            if let begun = try await workbook.drafts.begunFor(.outreach, visit) { return try await resume(begun) }
            // One tap makes one outreach of a visit; the second tap opens it.
            if let made = try await workbook.outreach.ofVisit(visit) { return try await resumeOrOpen(made.id) }
            new = try await workbook.visits.outreachFrom(visit)
            try await open(new.content)
        case .ofDraft(let id), .ofRecord(let id): try await resumeOrOpen(id)
        }
    }

    private func offer(_ grids: [GridLine]) {
        show { $0.grids = base == nil && new.grid == nil ? grids : [] }
    }

    /// The draft holds what is typed; the grid and the time are the visit's.
    override func resuming(_ form: Outreach) async throws(GridbookError) {
        if base == nil, let visit = form.visit, let known = try await known(visit) { new = known }
    }

    private func known(_ visit: RecordId) async throws(GridbookError) -> NewOutreach? {
        do throws(GridbookError) {
            return try await workbook.visits.outreachFrom(visit)
        } catch {
            // Or made elsewhere meanwhile: saving says so, and the draft is still there.
            switch error {
            case .NotFound, .Invalid: return nil
            default: throw error
            }
        }
    }

    override func open(_ form: Outreach) async throws(GridbookError) {
        try await super.open(form)
        try await nameDwellings()
    }

    private func nameDwellings() async throws(GridbookError) {
        var dwellings: [String] = []
        for household in (state.form?.households ?? []).compactMap({ UUID(uuidString: $0) }) {
            if let address = try await workbook.households.address(household), !address.isEmpty {
                dwellings.append(address)
            }
        }
        show { $0.dwellings = dwellings }
    }

    override func saveNew(_ form: Outreach, _ id: RecordId?) async throws(GridbookError) -> OutreachRecord {
        var new = new
        new.content = form
        new.id = id
        new.grid = new.grid ?? state.grid
        return try await workbook.outreach.save(new)
    }
}
