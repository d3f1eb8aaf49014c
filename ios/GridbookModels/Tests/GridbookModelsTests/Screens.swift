import Foundation
import GridbookModels
import GridbookTown
import Observation
import Testing

/// Each model in a town of its own, one after the other: each has a server process.
@Suite(.serialized, .timeLimit(.minutes(2))) @MainActor
struct Screens {}

let chinese = try! Words(.chinese)
let english = try! Words(.english)

/// The first state that `holds`, waited for as a screen waits: by observing. Throws what is shown instead after a while.
@MainActor @discardableResult
func shows<State, Event>(
    _ model: ScreenModel<State, Event>,
    _ holds: (State) -> Bool
) async throws -> State {
    let end = ContinuousClock.now + .seconds(30)
    while true {
        let (news, changed) = AsyncStream.makeStream(of: Void.self)
        let state = withObservationTracking { model.state } onChange: { changed.finish() }
        if holds(state) { return state }
        guard ContinuousClock.now < end else { throw Unlike("it shows \(state)") }
        let alarm = Task {
            try? await Task.sleep(until: end, clock: .continuous)
            changed.finish()
        }
        for await _ in news {}
        alarm.cancel()
    }
}

/// Waits for what no model shows.
@MainActor
func eventually(_ holds: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(30)
    while try await !holds() {
        guard ContinuousClock.now < end else { throw Unlike("it never came to that") }
        try await Task.sleep(for: .milliseconds(5))
    }
}

/// Another process has the phone's workbook open, types a visit's note, and is killed.
func typedUntilKilled(_ phone: Phone, _ what: String, _ id: RecordId) async throws {
    await phone.close()
    let typist = try Running(Programs.typist, [phone.folder.path, what, id.uuidString])
    #expect(await typist.line() == "kept 楼道堆物")
    await typist.kill()
    try await phone.reopen()
}
