import Foundation
import Gridbook

// An app that types and saves until it is killed, and prints what was acknowledged: `killedAndReopened` starts it with
// a phone's folder and a household.

func say(_ line: String) {
    FileHandle.standardOutput.write(Data("\(line)\n".utf8))
}

let folder = URL(fileURLWithPath: CommandLine.arguments[1])
let household = UUID(uuidString: CommandLine.arguments[2])!
let guardian = try await Guard.inFolder(
    path: folder.appendingPathComponent("workbook.db").path,
    vaultFolder: folder.appendingPathComponent("vault").path
)
let workbook = try await guardian.open()
for number in 1...10_000 {
    var draft = try await workbook.drafts.begin(.visit(Visit(household: household)))
    for text in ["第", "第\(number)", "第\(number)次"] {
        draft.content = .visit(Visit(household: household, note: text))
        draft = try await workbook.drafts.keep(draft)
        say("draft \(draft.id) \(text)")
    }
    let visit = Visit(household: household, outcome: .met, note: "第\(number)次")
    _ = try await workbook.visits.save(NewVisit(content: visit, id: draft.id))
    say("saved \(draft.id) 第\(number)次")
}
