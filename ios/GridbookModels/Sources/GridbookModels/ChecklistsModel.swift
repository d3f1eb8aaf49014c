import Gridbook

/// The task groups' lists, newest period first.
public struct ChecklistsState: ScreenState {
    /// Nothing is known yet.
    public internal(set) var loading = true
    /// The lists.
    public internal(set) var lists: [ChecklistLine] = []
    /// There are more than ``lists`` shows: send ``ChecklistsEvent/more``.
    public internal(set) var more = false
    /// Says so where there are none.
    public internal(set) var empty: Message?
    /// What went wrong with the last event, until the next one.
    public internal(set) var problem: Problem?
}

/// One list: whose, for which days, and how far it is.
public struct ChecklistLine: Sendable, Equatable {
    /// The list.
    public let id: RecordId
    /// What it is called.
    public let title: String
    /// The task group's name.
    public let group: String
    /// The first day of its period.
    public let starts: Day?
    /// The last day of its period.
    public let ends: Day?
    /// Its items in order.
    public let items: [ItemLine]
    /// How many of them are done.
    public let done: Int
    /// How far its changes have travelled.
    public let standing: Standing
}

/// One item of a list.
public struct ItemLine: Sendable, Equatable {
    /// The item, within its list.
    public let id: String
    /// What to do.
    public let title: String
    /// By when, where it has a day of its own.
    public let due: Day?
    /// How many people must tick it.
    public let needed: UInt32
    /// Who ticked it, earliest first; `nil` for someone whom this phone does not know.
    public let by: [String?]
    /// This person is among them.
    public let mine: Bool
    /// As many people have ticked it as must.
    public let done: Bool
}

/// What a person does with the lists.
public enum ChecklistsEvent: Sendable {
    /// Tick an item in one's own name.
    case tick(checklist: RecordId, item: String)
    /// Take one's own tick back.
    case untick(checklist: RecordId, item: String)
    /// Make this period's lists from their templates, where they are missing.
    case beginPeriod
    /// Show more lists.
    case more
}

/// Checklists: ticked by several people at once; this screen moves with everyone's ticks.
public final class ChecklistsModel: ScreenModel<ChecklistsState, ChecklistsEvent> {
    private static let page: UInt32 = 30

    private let workbook: Workbook
    private var most = page
    private var lists: Task<Void, Never>?

    /// Shows what `workbook` holds.
    public init(_ workbook: Workbook) {
        self.workbook = workbook
        super.init(ChecklistsState(), problem: \.problem)
        beginPeriod()
        ask(most)
    }

    override func handle(_ event: ChecklistsEvent) {
        switch event {
        case .tick(let checklist, let item):
            inTurn { [workbook] in _ = try await workbook.checklists.tick(checklist, item: item) }
        case .untick(let checklist, let item):
            inTurn { [workbook] in _ = try await workbook.checklists.untick(checklist, item: item) }
        case .beginPeriod: beginPeriod()
        case .more: ask(most + Self.page)
        }
    }

    private func beginPeriod() {
        inTurn { [workbook] in _ = try await workbook.checklists.beginPeriod(try await workbook.diary.today()) }
    }

    private func ask(_ next: UInt32) {
        most = next
        lists?.cancel()
        lists = watch({ [workbook, next] in workbook.checklists.watchList(most: next) }) { [weak self, people = workbook.people] page in
            let directory = try await people.directory()
            let person = try await people.person()
            let lines = try page.items.map { try ChecklistLine($0, directory, person) }
            if Task.isCancelled { return }
            self?.show {
                $0.loading = false
                $0.lists = lines
                $0.more = page.next != nil
                $0.empty = lines.isEmpty ? Message(Keys.noChecklists) : nil
            }
        }
    }
}

extension ChecklistLine {
    fileprivate init(_ list: ChecklistRecord, _ directory: Directory, _ person: PersonId?) throws(GridbookError) {
        let items = try list.content.progress().map { ItemLine($0, directory, person) }
        self.init(
            id: list.id,
            title: list.content.title,
            group: directory.name(ofScope: list.content.group),
            starts: list.content.starts,
            ends: list.content.ends,
            items: items,
            done: items.count(where: \.done),
            standing: list.standing
        )
    }
}

extension ItemLine {
    fileprivate init(_ progress: ItemProgress, _ directory: Directory, _ person: PersonId?) {
        self.init(
            id: progress.id,
            title: progress.item.title,
            due: progress.item.due,
            needed: progress.needed,
            by: progress.ticks.map { directory.name(of: $0.person) },
            mine: progress.ticks.contains { $0.person == person },
            done: progress.done
        )
    }
}
