import Gridbook
import Observation

/// What a screen shows. Only its model makes another.
public protocol ScreenState: Sendable, Equatable {
    /// What went wrong with the last event, until the next one.
    var problem: Problem? { get }
}

/// What stands behind one screen: it shows a state and takes events. Nothing that goes wrong is thrown at the screen.
///
/// What all models share is here: one state, work that is done in the order in which it was asked for, and failures
/// that become a ``Problem`` of the state. A model ends with its last reference.
@Observable @MainActor
public class ScreenModel<State: ScreenState, Event: Sendable> {
    /// What the screen shows now.
    public private(set) var state: State

    @ObservationIgnored private let problem: WritableKeyPath<State, Problem?>
    @ObservationIgnored private let line: AsyncStream<Work>.Continuation
    @ObservationIgnored private let tasks = Tasks()

    typealias Work = @MainActor () async throws -> Void

    init(_ first: State, problem: WritableKeyPath<State, Problem?>) {
        state = first
        self.problem = problem
        let (works, line) = AsyncStream.makeStream(of: Work.self)
        self.line = line
        tasks.begin { [weak self] in
            for await work in works { await guarded(work) { self?.say($0) } }
        }
    }

    deinit {
        line.finish()
        tasks.cancel()
    }

    /// Takes what the person did, and returns at once; what comes of it is in ``state``.
    public final func send(_ event: Event) {
        say(nil)
        handle(event)
    }

    /// Does what the event asks for; anything that waits goes through `inTurn`.
    func handle(_ event: Event) {}

    final func show(_ change: (inout State) -> Void) {
        var next = state
        change(&next)
        if next != state { state = next }
    }

    final func say(_ problem: Problem?) {
        show { $0[keyPath: self.problem] = problem }
    }

    /// Does work after all that was asked for before.
    final func inTurn(_ work: @escaping Work) {
        line.yield(work)
    }

    /// Does work beside what is done in turn. It refers to the model weakly, so that leaving the screen ends it.
    @discardableResult
    final func beside(_ work: @escaping Work) -> Task<Void, Never> {
        tasks.begin { [weak self] in await guarded(work) { self?.say($0) } }
    }

    /// Takes every answer of a stream, beside the work that is done in turn; `take` refers to the model weakly. After a
    /// failure it asks for the stream again before long: the phone may have been unlocked, or the disk be well again.
    @discardableResult
    final func watch<Answers: AsyncSequence & Sendable>(
        _ answers: @escaping @MainActor () -> Answers,
        take: @escaping @MainActor (Answers.Element) async throws -> Void
    ) -> Task<Void, Never> where Answers.Element: Sendable {
        tasks.begin { [weak self] in
            while true {
                let ended = await guarded({
                    for try await answer in answers() {
                        // One that was on its way when the watch was replaced is of what was shown before.
                        if Task.isCancelled { return }
                        try await take(answer)
                    }
                }, say: { self?.say($0) })
                if ended { return }
                try? await Task.sleep(for: .seconds(2))
                if Task.isCancelled { return }
            }
        }
    }
}

/// Does work whose failure is something to say; false if it may go well another time.
@MainActor @discardableResult
private func guarded(_ work: @MainActor () async throws -> Void, say: @MainActor (Problem) -> Void) async -> Bool {
    do {
        try await work()
        return true
    } catch is CancellationError {
        return true
    } catch {
        // What left the screen says nothing there. What is not of the core is none that a screen knows.
        guard !Task.isCancelled else { return true }
        say((error as? GridbookError).map { Problem($0) } ?? Problem(Keys.unexpected))
        // Closed under the screen, as when the phone is wiped: it will not go better another time.
        if case .Unexpected("closed")? = error as? GridbookError { return true }
        return false
    }
}
