import Gridbook

/// A day's page and the form of what the worker adds to it.
public struct DiaryState: ScreenState {
    public internal(set) var loading = true
    /// Today in the community's zone.
    public internal(set) var today: Day?
    /// The page of the day shown: lines in the order of the day, and what they come to.
    public internal(set) var page: DayPage?
    /// Says so where the page has no lines.
    public internal(set) var empty: Message?
    /// The entry that is being written.
    public internal(set) var form = DiaryEntry(text: "")
    /// Everything typed is on the disk.
    public internal(set) var kept = true
    /// A save is under way: the form takes nothing meanwhile.
    public internal(set) var saving = false
    public internal(set) var message: Message?
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
    /// Save the entry on the day that is shown.
    case save
    /// Throw the draft away.
    case discard
    /// The follow-up of an entry is done, or not yet.
    case setDone(entry: RecordId, done: Bool)
}

/// Diary: the day's page, built by the core from the day's work, and the entry that the worker adds.
public final class DiaryModel: ScreenModel<DiaryState, DiaryEvent> {
    private let workbook: Workbook
    private let keeper: Autosave
    private var day: Day?
    private var page: Task<Void, Never>?

    public init(_ workbook: Workbook) {
        self.workbook = workbook
        keeper = Autosave(workbook.drafts)
        super.init(DiaryState(), problem: \.problem)
        keeper.told = { [weak self] error in
            self?.show {
                $0.kept = error == nil
                if let error { $0.problem = Problem(error) }
            }
        }
        inTurn { [weak self] in
            try await self?.resume()
            try await self?.showDay(nil)
        }
    }

    deinit {
        keeper.hurry()
    }

    override func handle(_ event: DiaryEvent) {
        switch event {
        case .showDay(let day): inTurn { [weak self] in try await self?.showDay(day) }
        case .typeText(let text): edit { $0.text = text }
        case .chooseCategory(let code): edit { $0.category = code }
        case .setFollowUp(let needed): edit { $0.needsFollowUp = needed }
        case .save: save()
        case .discard:
            inTurn { [self] in
                try await keeper.discard()
                show {
                    $0.form = DiaryEntry(text: "")
                    $0.kept = true
                }
            }
        case .setDone(let entry, let done):
            inTurn { [workbook] in
                var record = try await workbook.diary.get(entry)
                record.content.done = done
                _ = try await workbook.diary.edit(record)
            }
        }
    }

    private func resume() async throws(GridbookError) {
        let begun = try await workbook.drafts.list().first { $0.kind == .diary && !$0.editsExisting }
        guard let begun, let form = begun.entry else { return }
        keeper.resume(begun)
        show {
            $0.form = form
            $0.message = Message(Keys.draftFound)
        }
    }

    private func showDay(_ asked: Day?) async throws(GridbookError) {
        let today = try await workbook.diary.today()
        show { $0.today = today }
        let next = asked ?? today
        guard next != day else { return }
        day = next
        page?.cancel()
        page = watch(workbook.diary.watchPage(next)) { [weak self] page in
            self?.show {
                $0.loading = false
                $0.page = page
                $0.empty = page.lines.isEmpty ? Message(Keys.noRecordsToday) : nil
            }
        }
    }

    private func edit(_ change: (inout DiaryEntry) -> Void) {
        guard !state.saving else { return }
        var form = state.form
        change(&form)
        show {
            $0.form = form
            $0.kept = false
            $0.message = nil
        }
        keeper.typed(.diary(form))
    }

    private func save() {
        guard !state.saving else { return }
        let form = state.form
        show { $0.saving = true }
        inTurn { [self] in
            defer { show { $0.saving = false } }
            var entry = form
            if entry.date == nil, let shown = state.page?.day, shown != state.today { entry.date = shown }
            try await keeper.finish { [diary = workbook.diary, entry] id throws(GridbookError) in
                _ = try await diary.save(NewDiaryEntry(content: entry, id: id))
            }
            show {
                $0.form = DiaryEntry(text: "")
                $0.kept = true
                $0.message = Message(Keys.saved)
            }
        }
    }
}
