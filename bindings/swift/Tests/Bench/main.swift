// What a call costs in Swift, across the bridge alone and through the layer that apps use, which takes it to another thread;
// and how long a cold start takes. `bindings/bench` runs it (`make bench-jvm`) and compares.
import Foundation
import Gridbook
import GridbookBindings

let warmUp = 200
let measured = 400

let arguments = CommandLine.arguments
let folder = URL(fileURLWithPath: arguments[2])
let (file, vault) = (folder.appendingPathComponent("workbook.db").path, folder.appendingPathComponent("vault").path)

if arguments[1] == "start" {
    let workbook = try await Guard.inFolder(path: file, vaultFolder: vault).open()
    let page = try await workbook.visits.list()
    precondition(page.items.count == 60)
    print(sinceStart())
    await workbook.close()
} else {
    let household = UUID(uuidString: arguments[3])!
    let visit = Visit(household: household, outcome: .met, note: String(repeating: "入", count: 80))
    let calls = try acrossTheBridge(visit)
    let workbook = try await Guard.inFolder(path: file, vaultFolder: vault).open()
    let apps = [
        try await median { _ = try await workbook.visits.save(visit) },
        try await median { _ = try await workbook.visits.list(most: 60) },
        try await median { _ = try await workbook.records.search("反诈", most: 20) },
    ]
    await workbook.close()
    for (name, times) in zip(["save", "list of 60", "search"], zip(calls, apps)) {
        print("\(name)\t\(times.0)\t\(times.1)")
    }
}

/// Microseconds of the calls as the generated code makes them, on the caller's thread.
func acrossTheBridge(_ visit: Visit) throws -> [Double] {
    let workbook = try GuardHandle.inFolder(path: file, vaultFolder: vault).open(pin: nil)
    return [
        try median { _ = try workbook.saveVisit(new: NewVisit(content: visit)) },
        try median { _ = try workbook.visits(filter: Filter(), after: nil, mostItems: 60) },
        try median { _ = try workbook.search(text: "反诈", after: nil, mostItems: 20) },
    ]
}

/// Apart from the one below: awaiting, each call would change threads.
func median(_ work: () throws -> Void) throws -> Double {
    var times: [Duration] = []
    for _ in 0..<warmUp { try work() }
    for _ in 0..<measured {
        let begun = ContinuousClock.now
        try work()
        times.append(ContinuousClock.now - begun)
    }
    return middle(&times)
}

func median(_ work: () async throws -> Void) async throws -> Double {
    var times: [Duration] = []
    for _ in 0..<warmUp { try await work() }
    for _ in 0..<measured {
        let begun = ContinuousClock.now
        try await work()
        times.append(ContinuousClock.now - begun)
    }
    return middle(&times)
}

/// In microseconds.
func middle(_ times: inout [Duration]) -> Double {
    times.sort()
    return Double(times[measured / 2].components.attoseconds) / 1e12
}

/// Milliseconds since the process began, to ten of them: what Linux says of it is in hundredths of a second.
func sinceStart() -> Int {
    let stat = try! String(contentsOfFile: "/proc/self/stat", encoding: .utf8)
    let fields = stat[stat.index(after: stat.lastIndex(of: ")")!)...].split(separator: " ")
    let uptime = try! String(contentsOfFile: "/proc/uptime", encoding: .utf8).split(separator: " ")[0]
    return Int(Double(uptime)! * 1_000) - Int(fields[19])! * 10
}
