import Foundation
import GridbookModels

// An app in which someone types a visit until it is killed; it prints what the form says is kept. `typedUntilKilled`
// starts it: with a phone's folder and, for a new visit, `household` and the household's id, or else `visit` and its own.

let folder = URL(fileURLWithPath: CommandLine.arguments[1])
let guardian = try await Guard.inFolder(
    path: folder.appendingPathComponent("workbook.db").path,
    vaultFolder: folder.appendingPathComponent("vault").path
)
let workbook = try await guardian.open()
let id = UUID(uuidString: CommandLine.arguments[3])!
let form = VisitModel(workbook, CommandLine.arguments[2] == "visit" ? .ofRecord(id) : .toHousehold(id))
while form.state.form == nil { try await Task.sleep(for: .milliseconds(5)) }
for text in ["楼", "楼道", "楼道堆", "楼道堆物"] { form.send(.typeNote(text)) }
while !form.state.kept { try await Task.sleep(for: .milliseconds(5)) }
FileHandle.standardOutput.write(Data("kept \(form.state.form?.note ?? "")\n".utf8))
try await Task.sleep(for: .seconds(3600))
