// What a call of an app's costs in Swift, through the layer that apps use, and how long a cold start takes.
// `bindings/bench` runs it (`make bench-jvm`) and compares.
import Foundation
import Gridbook

let warmUp = 400
let measured = 400

let arguments = CommandLine.arguments
let folder = URL(fileURLWithPath: arguments[2])
let guardian = try await Guard.inFolder(
    path: folder.appendingPathComponent("workbook.db").path,
    vaultFolder: folder.appendingPathComponent("vault").path
)
let workbook = try await guardian.open()

if arguments[1] == "start" {
    let page = try await workbook.visits.list()
    precondition(page.items.count == 60)
    print(sinceStart())
} else {
    let visit = Visit(household: UUID(uuidString: arguments[3])!, outcome: .met, note: String(repeating: "入", count: 80))
    try await median("save") { _ = try await workbook.visits.save(visit) }
    try await median("list of 60") { _ = try await workbook.visits.list(most: 60) }
    try await median("search") { _ = try await workbook.records.search("反诈", most: 20) }
}
await workbook.close()

func median(_ name: String, _ work: () async throws -> Void) async throws {
    for _ in 0..<warmUp { try await work() }
    var times: [Duration] = []
    for _ in 0..<measured {
        let begun = ContinuousClock.now
        try await work()
        times.append(ContinuousClock.now - begun)
    }
    times.sort()
    print("\(name)\t\(Double(times[measured / 2].components.attoseconds) / 1e12)")
}

/// Milliseconds since the process began, to ten of them: what Linux says of it is in hundredths of a second.
func sinceStart() -> Int {
    let stat = try! String(contentsOfFile: "/proc/self/stat", encoding: .utf8)
    let fields = stat[stat.index(after: stat.lastIndex(of: ")")!)...].split(separator: " ")
    let uptime = try! String(contentsOfFile: "/proc/uptime", encoding: .utf8).split(separator: " ")[0]
    return Int(Double(uptime)! * 1_000) - Int(fields[19])! * 10
}
