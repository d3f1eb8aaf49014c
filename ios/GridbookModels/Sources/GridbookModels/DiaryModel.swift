import Gridbook

/// What the form of the diary is opened for.
public enum DiaryTarget: Sendable, Equatable {
    /// A new entry on a day's page; an unfinished one is gone on with.
    case new
    /// A draft.
    case ofDraft(RecordId)
    /// An entry that was saved: to edit it, as when a lead returned it.
    case ofRecord(RecordId)
}

/// A day's page and the form of what the worker adds to it.
public struct DiaryState: ScreenState {
    /// Nothing is known yet.
    public internal(set) var loading = true
    /// Today in the community's zone.
    public internal(set) var today: Day?
    /// The page of the day shown: lines in the order of the day, and what they come to.
    public internal(set) var page: DayPage?
    /// Says so where the page has no lines.
    public internal(set) var empty: Message?
    /// The entry that is being written. It belongs to the day that was shown when its writing began.
    public internal(set) var form = DiaryEntry(text: "")
    /// The grids to choose from, where the worker has several.
    public internal(set) var grids: [GridLine] = []
    /// The one chosen for a new entry.
    public internal(set) var grid: ScopeId?
    /// Everything typed is on the disk.
    public internal(set) var kept = true
    /// A save is under way: the form takes nothing meanwhile.
    public internal(set) var saving = false
    /// The entry that is edited.
    public internal(set) var saved: DiaryRecord?
    /// The draft was thrown away: leave the form.
    public internal(set) var closed = false
    /// What came of the last event.
    public internal(set) var message: Message?
    /// What went wrong with the last event, until the next one.
    public internal(set) var problem: Problem?
}

/// What a person does with the day's page.
public enum DiaryEvent: Sendable {
    /// Show another day; `nil` is today.
    case showDay(Day?)
    /// What happened, what was done, what came of it.
    case typeText(String)
    /// A code of `diary_category`; empty for none.
    case chooseCategory(String)
    /// Someone must come back to this.
    case setFollowUp(Bool)
    /// The grid of a new entry, where the worker has several.
    case chooseGrid(ScopeId)
    /// Save the entry on its day.
    case save
    /// Throw the draft away.
    case discard
    /// The follow-up of an entry is done, or not yet.
    case setDone(entry: RecordId, done: Bool)
}

/// Diary: the day's page, built by the core from the day's work, and the entry that the worker adds.
public final class DiaryModel: FormModel<DiaryEntry, DiaryRecord, DiaryState, DiaryEvent> {
    private let target: DiaryTarget
    private var day: Day?
    private var page: Task<Void, Never>?

    /// Opens the form on its target.
    public init(_ workbook: Workbook, _ target: DiaryTarget = .new) {
        self.target = target
        super.init(
            workbook, DiaryState(), FormRecords(workbook.diary),
            FormPart(
                form: \.typed, kept: \.kept, saving: \.saving, saved: \.saved, closed: \.closed, message: \.message,
                problem: \.problem, grid: \.grid
            )
        )
        inTurn { [weak self] in
            try await self?.load()
            try await self?.showDay(self?.state.form.date)
        }
        watch({ [workbook] in workbook.people.watchDirectory() }) { [weak self] _ in
            let grids = try await workbook.gridsToChoose(.diary)
            self?.show { $0.grids = grids }
        }
    }

    override func handle(_ event: DiaryEvent) {
        switch event {
        case .showDay(let day): inTurn { [weak self] in try await self?.showDay(day) }
        case .typeText(let text): edit { $0.text = text }
        case .chooseCategory(let code): edit { $0.category = code }
        case .setFollowUp(let needed): edit { $0.needsFollowUp = needed }
        case .chooseGrid(let grid): choose(grid)
        case .save: save()
        case .discard: discard(closes: target != .new, empty: DiaryEntry(text: ""))
        case .setDone(let entry, let done):
            inTurn { [workbook] in
                var record = try await workbook.diary.get(entry)
                record.content.done = done
                _ = try await workbook.diary.edit(record)
            }
        }
    }

    private func load() async throws(GridbookError) {
        switch target {
        case .new:
            if let begun = try await workbook.drafts.begunFor(.diary) { try await resume(begun) }
        case .ofDraft(let id), .ofRecord(let id): try await resumeOrOpen(id)
        }
    }

    private func showDay(_ asked: Day?) async throws(GridbookError) {
        let today = try await workbook.diary.today()
        show { $0.today = today }
        let next = asked ?? today
        guard next != day else { return }
        day = next
        page?.cancel()
        page = watch({ [workbook, next] in workbook.diary.watchPage(next) }) { [weak self] page in
            self?.show {
                $0.loading = false
                $0.page = page
                $0.empty = page.lines.isEmpty ? Message(Keys.noRecordsToday) : nil
            }
        }
    }

    /// An entry belongs to the day that was shown when its first letter was typed.
    override func whole(_ form: DiaryEntry) -> DiaryEntry {
        var form = form
        form.date = form.date ?? day
        return form
    }

    /// A new entry leaves room for the next one; an edited one stays to be looked at.
    override func wrote(_ saved: DiaryRecord) {
        if base == nil { showWritten(DiaryEntry(text: "")) } else { super.wrote(saved) }
    }
}

extension DiaryState {
    /// The form as every form has it: this one is there from the beginning.
    fileprivate var typed: DiaryEntry? {
        get { form }
        set { form = newValue ?? form }
    }
}
