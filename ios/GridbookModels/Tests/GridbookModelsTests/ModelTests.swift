@testable import GridbookModels
import GridbookTown
import Testing

extension Screens {
    /// What all models share.
    @Suite @MainActor struct ModelTests {
        private struct Shown: ScreenState {
            var answer: String?
            var problem: Problem?
        }

        private final class Watching: ScreenModel<Shown, Never> {
            private(set) var asked = 0

            init() {
                super.init(Shown(), problem: \.problem)
                watch({ [unowned self] in self.answers() }) { [weak self] answer in
                    self?.show { $0 = Shown(answer: answer) }
                }
            }

            private func answers() -> AsyncThrowingStream<String, any Error> {
                asked += 1
                let locked = asked == 1
                return AsyncThrowingStream { continuation in
                    if !locked { continuation.yield("unlocked") }
                    continuation.finish(throwing: locked ? GridbookError.Locked(reason: .lease) : nil)
                }
            }
        }

        @Test func aWatchThatFailedAsksAgain() async throws {
            let watching = Watching()
            #expect(try await shows(watching) { $0.problem != nil }.problem?.action == .unlock)
            #expect(try await shows(watching) { $0.answer == "unlocked" }.problem == nil)
            #expect(watching.asked == 2)
        }
    }
}
