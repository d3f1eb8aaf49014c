import Foundation
import Gridbook
import GridbookTown
import Testing

extension Stories {
    /// What may happen to the phone itself.
    @Suite struct PhoneStories {
        @Test func killedAndReopened() async throws {
            try await story { town in
                let phone = try await town.phone("测试员甲")
                let household = try await phone.household("3-1-501").id
                await phone.close()
                let doomed = try Running(Programs.doomed, [phone.folder.path, household.uuidString])
                // What it printed was acknowledged; then it is killed in the middle of the next.
                var acknowledged: [String] = []
                while acknowledged.count < 40 {
                    guard let line = await doomed.line() else { throw Unlike("it died by itself") }
                    acknowledged.append(line)
                }
                await doomed.kill()

                try await phone.reopen()
                for line in acknowledged {
                    let parts = line.split(separator: " ", maxSplits: 2).map(String.init)
                    let id = try #require(UUID(uuidString: parts[1]))
                    if parts[0] == "saved" {
                        #expect(try await phone.workbook.visits.get(id).content.note == parts[2])
                    } else {
                        // A draft that went on after the line was read has what came later, or was saved.
                        #expect(try await drafted(id, on: phone).hasPrefix(parts[2]))
                    }
                }
                #expect(try await phone.workbook.server.sync().sent >= 11)
            }
        }

        private func drafted(_ id: RecordId, on phone: Phone) async throws -> String {
            guard let draft = try await phone.workbook.drafts.get(id) else {
                return try await phone.workbook.visits.get(id).content.note
            }
            guard case .visit(let visit) = draft.content else { throw Unlike("\(draft)") }
            return visit.note
        }

        @Test func wrongKey() async throws {
            try await story { town in
                let phone = try await town.phone("测试员甲")
                _ = try await phone.visit(try await phone.household("3-1-501").id)
                await phone.close()
                let before = try Data(contentsOf: phone.file)
                let another = phone.folder.appendingPathComponent("another vault").path
                let restored = try await Guard.inFolder(path: phone.file.path, vaultFolder: another)
                let withoutVault = try await failure { () async throws(GridbookError) in try await restored.open() }
                #expect(withoutVault == .WrongKey)
                let guessed = try await failure { () async throws(GridbookError) in
                    try await Workbook.open(path: phone.file.path, key: Data(repeating: 7, count: 32))
                }
                #expect(guessed == .WrongKey)
                #expect(try Data(contentsOf: phone.file) == before, "it was not touched")
                try await phone.reopen()
                #expect(try await phone.unsent() == 2)
            }
        }

        @Test func damagedDatabase() async throws {
            try await story { town in
                let phone = try await town.phone("测试员甲")
                let household = try await phone.household("3-1-501").id
                _ = try await phone.workbook.server.sync()
                let visit = try await phone.visit(household, note: "没送出去").id
                await phone.close()
                // The first page, without which no database opens.
                var damaged = try Data(contentsOf: phone.file)
                damaged.replaceSubrange(0..<4096, with: Data(repeating: 0x5a, count: 4096))
                try damaged.write(to: phone.file)
                try await phone.reopen()
                let salvage = try #require(phone.workbook.salvage)
                #expect(try Data(contentsOf: URL(fileURLWithPath: salvage.aside)) == damaged, "it is kept")
                #expect(salvage.unsent == 1 && salvage.unsaved.isEmpty)
                #expect(try await phone.workbook.visits.get(visit).content.note == "没送出去")
                #expect(try await phone.workbook.server.sync().sent == 1)
                #expect(try await phone.workbook.households.get(household).id == household)
            }
        }

        @Test func newerSchema() async throws {
            let folder = try scratch("newer")
            defer { try? FileManager.default.removeItem(at: folder) }
            let file = folder.appendingPathComponent("workbook.db")
            let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            let fixture = here.appendingPathComponent("../../../../tests/fixtures/newer_schema.db").standardized
            try FileManager.default.copyItem(at: fixture, to: file)
            let before = try Data(contentsOf: file)
            let refused = try await failure { () async throws(GridbookError) in
                try await Workbook.open(path: file.path, key: Data(repeating: 0x2a, count: 32))
            }
            guard case .NewerSchema(let found, let known) = refused else { throw Unlike("\(refused)") }
            #expect(found > known)
            #expect(try Data(contentsOf: file) == before, "it was not touched")
        }

        @Test(.enabled(if: Programs.smallDisk != nil, "no small disk could be made here"))
        func fullDisk() async throws {
            let disk = try #require(Programs.smallDisk).appendingPathComponent("\(UUID())")
            defer { try? FileManager.default.removeItem(at: disk) }
            try await story { town in
                let phone = try await town.phone("测试员甲", in: disk)
                let household = try await phone.household("3-1-501").id
                let saved = try await phone.visit(household, note: "写下的")
                let draft = try await phone.workbook.drafts.begin(
                    .visit(Visit(household: household, note: "写到一半"))
                )
                let ballast = disk.appendingPathComponent("ballast")
                fill(ballast)
                let long = String(repeating: "长", count: 2000)
                var full: GridbookError?
                for _ in 1...500 where full == nil {
                    do throws(GridbookError) {
                        _ = try await phone.visit(household, note: long)
                    } catch {
                        full = error
                    }
                }
                #expect(full == .DiskFull)
                #expect(try await phone.workbook.visits.get(saved.id).content.note == "写下的")

                try FileManager.default.removeItem(at: ballast)
                guard case .visit(var rest) = try await phone.workbook.drafts.get(draft.id)?.content else {
                    throw Unlike("the draft is gone")
                }
                rest.outcome = .met
                _ = try await phone.workbook.visits.save(NewVisit(content: rest, id: draft.id))
                try await phone.reopen()
                #expect(try await phone.workbook.visits.get(draft.id).content.note == "写到一半")
                #expect(try await phone.workbook.drafts.list().isEmpty)
            }
        }

        /// Writes into `file` until the disk is full.
        private func fill(_ file: URL) {
            _ = FileManager.default.createFile(atPath: file.path, contents: nil)
            guard let handle = try? FileHandle(forWritingTo: file) else { return }
            let block = Data(count: 4096)
            while (try? handle.write(contentsOf: block)) != nil {}
            try? handle.close()
        }
    }
}
