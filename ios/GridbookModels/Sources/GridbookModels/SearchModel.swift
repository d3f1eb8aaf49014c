import Gridbook

/// What was looked for and found.
public struct SearchState: ScreenState {
    /// What the field holds.
    public internal(set) var text = ""
    /// An answer is awaited.
    public internal(set) var searching = false
    /// Records of any kind, the latest arrived first, numbers masked.
    public internal(set) var found: [AnyRecord] = []
    /// There are more: send ``SearchEvent/more``.
    public internal(set) var more = false
    /// What to say where nothing is shown.
    public internal(set) var hint: Message? = Message(Keys.searchHint)
    /// What went wrong with the last event, until the next one.
    public internal(set) var problem: Problem?
}

/// What a person does in search.
public enum SearchEvent: Sendable {
    /// What the field holds now; the answer follows the typing.
    case type(String)
    /// Show more of what was found.
    case more
}

/// Search: answers while the person types; an answer to earlier words is never shown.
public final class SearchModel: ScreenModel<SearchState, SearchEvent> {
    /// Shorter than a person notices, longer than the time between two keys.
    private static let pause: Duration = .milliseconds(150)

    private let workbook: Workbook
    private var search: Task<Void, Never>?
    private var next: Cursor?

    /// Shows what `workbook` holds.
    public init(_ workbook: Workbook) {
        self.workbook = workbook
        super.init(SearchState(), problem: \.problem)
    }

    override func handle(_ event: SearchEvent) {
        switch event {
        case .type(let text): type(text)
        case .more: if state.more, !state.searching { more() }
        }
    }

    private func type(_ text: String) {
        search?.cancel()
        if text.allSatisfy(\.isWhitespace) {
            return show { $0 = SearchState(text: text) }
        }
        show {
            $0.text = text
            $0.searching = true
            $0.hint = nil
        }
        ask(text, after: nil, pause: Self.pause) { state, page in
            state.found = page.items
            state.hint = page.items.isEmpty ? Message(Keys.nothingFound) : nil
        }
    }

    private func more() {
        show { $0.searching = true }
        ask(state.text, after: next, pause: .zero) { state, page in state.found += page.items }
    }

    private func ask(
        _ text: String,
        after: Cursor?,
        pause: Duration,
        take: @escaping @MainActor (inout SearchState, RecordPage) -> Void
    ) {
        search = beside { [weak self, records = workbook.records] in
            defer {
                // Another search goes on.
                if !Task.isCancelled { self?.show { $0.searching = false } }
            }
            try await Task.sleep(for: pause)
            let page = try await records.search(text, after: after)
            if Task.isCancelled { return }
            self?.next = page.next
            self?.show {
                take(&$0, page)
                $0.more = page.next != nil
            }
        }
    }
}
