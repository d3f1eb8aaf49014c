import Gridbook

/// The morning's page.
public struct TodayState: ScreenState {
    /// Nothing is known yet.
    public internal(set) var loading = true
    /// Today in the community's zone.
    public internal(set) var day: Day?
    /// Households that want a visit, in walking order.
    public internal(set) var due: [DueLine] = []
    /// There are more than ``due`` shows: send ``TodayEvent/more``.
    public internal(set) var moreDue = false
    /// Says so where ``due`` is empty.
    public internal(set) var noneDue: Message?
    /// What was begun and not saved, the latest touched first.
    public internal(set) var drafts: [DraftLine] = []
    /// Items of the task groups' lists that wait for this person.
    public internal(set) var tasks: [OpenItem] = []
    /// Says so where ``tasks`` is empty.
    public internal(set) var noTasks: Message?
    /// How the phone stands towards its server.
    public internal(set) var sync: SyncSummary?
    /// What went wrong with the last event, until the next one.
    public internal(set) var problem: Problem?
}

/// A household that wants a visit: where, of which class, since when and why.
public struct DueLine: Sendable, Equatable {
    /// The household.
    public let household: RecordId
    /// Its address as it is written.
    public let dwelling: String
    /// The code of its class.
    public let visitClass: String
    /// The day from which it is due.
    public let since: Day
    /// Why it is due.
    public let reason: Message
}

/// Something begun and not saved. ``about`` is what it is about, as far as the draft says.
public struct DraftLine: Sendable, Equatable {
    /// The draft.
    public let id: RecordId
    /// The kind of record.
    public let kind: Kind
    /// It edits a record that exists.
    public let editsExisting: Bool
    /// When it was last touched.
    public let updated: Instant
    /// What it is about, as far as the draft says.
    public let about: String
}

/// How the phone stands towards its server, in one line.
public struct SyncSummary: Sendable, Equatable {
    /// Whether the workbook can be worked with.
    public let phase: Phase
    /// Changes without a receipt.
    public let unsent: UInt64
    /// Records with a change that the server refused.
    public let refused: UInt64
    /// Records with two values in a field.
    public let conflicts: UInt64
    /// How far the exchange is that is under way.
    public internal(set) var progress: SyncProgress?
    /// What needs the person first.
    public let message: Message
}

/// What a person does on the morning's page.
public enum TodayEvent: Sendable {
    /// The app came to the front: it may be another day.
    case refresh
    /// Show more households.
    case more
    /// Tick an item of a list.
    case tick(checklist: RecordId, item: String)
}

/// Today: due households in walking order, drafts, tasks, how the phone stands.
public final class TodayModel: ScreenModel<TodayState, TodayEvent> {
    // What the list is asked for: the day, and how many households.
    private struct Asked: Equatable {
        var day: Day
        var most: UInt32
    }

    /// Three days' walks.
    private static let page: UInt32 = 60

    private let workbook: Workbook
    private var asked: Asked?
    private var dueHouseholds: Task<Void, Never>?
    private var openItems: Task<Void, Never>?

    /// Shows what `workbook` holds.
    public init(_ workbook: Workbook) {
        self.workbook = workbook
        super.init(TodayState(), problem: \.problem)
        refresh()
        watch({ [workbook] in workbook.drafts.watch() }) { [weak self, workbook] drafts in
            var lines: [DraftLine] = []
            for draft in drafts { lines.append(try await Self.line(draft, in: workbook)) }
            self?.show { $0.drafts = lines }
        }
        watch({ [workbook] in workbook.server.watchStatus() }) { [weak self] status in
            self?.show { $0.sync = Self.summary(status, $0.sync?.progress) }
        }
        watch({ [workbook] in workbook.server.progress }) { [weak self] progress in
            self?.show { $0.sync?.progress = progress }
        }
    }

    override func handle(_ event: TodayEvent) {
        switch event {
        case .refresh: refresh()
        case .more: if let asked { ask(Asked(day: asked.day, most: asked.most + Self.page)) }
        case .tick(let checklist, let item):
            inTurn { [workbook] in _ = try await workbook.checklists.tick(checklist, item: item) }
        }
    }

    private func refresh() {
        inTurn { [weak self, workbook] in
            let today = try await workbook.diary.today()
            if let self, self.asked?.day != today { self.ask(Asked(day: today, most: Self.page)) }
        }
    }

    private func ask(_ next: Asked) {
        asked = next
        dueHouseholds?.cancel()
        dueHouseholds = watch({ [workbook, next] in workbook.households.watchDue(next.day, most: next.most) }) { [weak self] due in
            self?.shown(due, next)
        }
        openItems?.cancel()
        openItems = watch({ [workbook, next] in workbook.checklists.watchOpenItems(next.day) }) { [weak self] open in
            self?.show {
                $0.tasks = open
                $0.noTasks = open.isEmpty ? Message(Keys.noTasks) : nil
            }
        }
    }

    private func shown(_ due: DueWalk, _ asked: Asked) {
        show {
            $0.loading = false
            $0.day = asked.day
            $0.due = due.items.map {
                DueLine(
                    household: $0.household.id,
                    dwelling: $0.household.content.address,
                    visitClass: $0.household.content.class,
                    since: $0.due.day,
                    reason: $0.due.reason.named()
                )
            }
            $0.moreDue = due.next != nil
            $0.noneDue = due.items.isEmpty ? Message(Keys.noHouseholdsDue) : nil
        }
    }

    private static func line(_ draft: Draft, in workbook: Workbook) async throws(GridbookError) -> DraftLine {
        let about: String
        switch draft.content {
        case .visit(let visit): about = try await workbook.households.address(visit.household) ?? ""
        case .household(let household): about = household.address
        case .diary(let entry): about = entry.text
        case .outreach(let outreach): about = outreach.place.isEmpty ? outreach.building : outreach.place
        case .checklist(let list): about = list.title
        case .template(let template): about = template.title
        case .review(let review): about = review.note
        case nil: about = ""
        }
        return DraftLine(
            id: draft.id, kind: draft.kind, editsExisting: draft.editsExisting, updated: draft.updated, about: about
        )
    }

    private static func summary(_ status: PhoneStatus, _ progress: SyncProgress?) -> SyncSummary {
        SyncSummary(
            phase: status.phase, unsent: status.unsent, refused: status.refused, conflicts: status.conflicts,
            progress: progress, message: status.said
        )
    }
}

extension PhoneStatus {
    /// What screens say of how a phone stands where there is one line for it; what comes first is the core's to say.
    var said: Message {
        switch headline {
        case .wiped, .withdrawn: phase.named()
        case .notEnrolled: Message(Keys.notEnrolled)
        case .joining: Message(Keys.joining)
        case .refused: Message(Keys.syncRefused)
        case .waiting: Message(Keys.waiting, ["n": unsent])
        case .nothingWaits: Message(Keys.nothingWaits)
        }
    }
}
