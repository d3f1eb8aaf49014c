import Gridbook

/// Keeps a form's draft: the first keystroke at once, every later one at most `pause` after it was typed, and the rest
/// when the screen goes away.
@MainActor
final class Autosave {
    /// How long a keystroke may wait: one write for several of a quick typist.
    static let pause: Duration = .milliseconds(300)

    /// The record that is edited, as its draft begins; `nil` while it is a new one.
    var base: AnyRecord?
    /// The grid that was chosen for a new record, kept with its draft; `nil` where there is nothing to choose.
    var grid: ScopeId?
    /// Hears that everything typed so far is kept (`nil`), or why not.
    var told: @MainActor (GridbookError?) -> Void = { _ in }

    private let drafts: Drafts
    private let tasks = Tasks()
    private let turn = Turn()
    private var draft: Draft?
    // What is not kept yet, and whether someone is at it.
    private var waiting: Content?
    private var keeping = false

    init(_ drafts: Drafts) {
        self.drafts = drafts
    }

    /// Something was typed that is not saved.
    var begun: Bool { draft != nil || waiting != nil }

    /// Goes on with a draft that is there already.
    func resume(_ found: Draft) {
        draft = found
    }

    /// Takes the form's content after a keystroke.
    func typed(_ content: Content) {
        waiting = content
        guard !keeping else { return }
        keeping = true
        // It has this object, so that what was typed last is kept even if the screen is gone by then.
        tasks.begin { [self] in
            repeat {
                if draft != nil { try? await Task.sleep(for: Self.pause) }
                let kept = await keep()
                keeping = kept && waiting != nil
            } while keeping
        }
    }

    /// The screen went away: what waits is kept now.
    nonisolated func hurry() {
        tasks.cancel()
    }

    /// Saves the record from the draft, which is gone then; if that fails, the draft is kept.
    func finish<T: Sendable>(
        _ save: @MainActor (RecordId?) async throws(GridbookError) -> T
    ) async throws(GridbookError) -> T {
        try await flush()
        await turn.take()
        defer { turn.give() }
        let saved = try await save(draft?.id)
        forget()
        return saved
    }

    /// Throws the draft away.
    func discard() async throws(GridbookError) {
        await turn.take()
        defer { turn.give() }
        if let draft { _ = try await drafts.discard(draft.id) }
        forget()
    }

    /// Keeps what was typed; true if nothing went wrong.
    private func keep() async -> Bool {
        do {
            try await flush()
            if waiting == nil { told(nil) }
            return true
        } catch {
            told(error)
            return false
        }
    }

    /// Keeps what was typed and is not kept yet.
    private func flush() async throws(GridbookError) {
        await turn.take()
        defer { turn.give() }
        guard let content = waiting else { return }
        waiting = nil
        do throws(GridbookError) {
            draft = try await kept(content)
        } catch {
            // The next keystroke tries again.
            waiting = waiting ?? content
            throw error
        }
    }

    private func kept(_ content: Content) async throws(GridbookError) -> Draft {
        if var draft {
            draft.content = content
            draft.grid = grid
            return try await drafts.keep(draft)
        }
        if var record = base {
            record.content = content
            return try await drafts.edit(record)
        }
        var begun = try await drafts.begin(content)
        guard grid != nil else { return begun }
        begun.grid = grid
        return try await drafts.keep(begun)
    }

    private func forget() {
        draft = nil
        waiting = nil
    }
}

/// One at a time, in the order in which they came.
@MainActor
private final class Turn {
    private var taken = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func take() async {
        guard taken else {
            taken = true
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    func give() {
        if waiting.isEmpty { taken = false } else { waiting.removeFirst().resume() }
    }
}
