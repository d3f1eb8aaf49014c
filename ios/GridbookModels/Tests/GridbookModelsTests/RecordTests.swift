import GridbookModels
import GridbookTown
import Testing

extension Screens {
    @Suite @MainActor struct RecordTests {
        @Test func twoValuesAreShownUntilAPersonChooses() async throws {
            try await story { town in
                let first = try await town.phone("测试员甲")
                let second = try await town.phone("测试员乙")
                let visit = try await first.visit(try await first.household("3-1-501").id)
                try await town.settle()
                town.network.cut()
                let notes = ["电动车在楼道充电", "没有电动车"]
                for (phone, note) in zip([first, second], notes) {
                    var record = try await phone.workbook.visits.get(visit.id)
                    record.content.note = note
                    _ = try await phone.workbook.visits.edit(record)
                }
                town.network.mend()
                let page = RecordModel(first.workbook, visit.id)
                try await shows(page) { $0.record != nil }
                try await town.settle()
                let conflicts = try await shows(page) { !$0.conflicts.isEmpty }.conflicts
                #expect(conflicts.map(\.field) == ["note"])
                #expect(Set(conflicts[0].choices.map(\.value)) == Set(notes.map { .text($0) }))
                #expect(Set(conflicts[0].choices.map(\.person)) == ["测试员甲", "测试员乙"])

                page.send(.choose(field: "note", value: .text(notes[0])))
                let chosen = try await shows(page) { $0.conflicts.isEmpty && $0.message != nil }
                #expect(chosen.message?.key == "message.conflict_chosen")
                #expect(try await first.workbook.visits.get(visit.id).content.note == notes[0])
                #expect(chosen.history.count == 4, "saved, edited twice, chosen")
                #expect(chosen.history.first?.person == "测试员甲")
            }
        }

        @Test func withdrawingSaysWhyAndTakesNoEdits() async throws {
            try await story { town in
                let phone = try await town.phone("测试员甲")
                let visit = try await phone.visit(try await phone.household("3-1-501").id)
                let page = RecordModel(phone.workbook, visit.id)
                try await shows(page) { $0.record != nil }
                page.send(.void(reason: "写错了户"))
                let withdrawn = try await shows(page) { $0.notice != nil }
                #expect(withdrawn.record?.header.voided?.reason == "写错了户")
                page.send(.void(reason: "再来一次"))
                #expect(try await shows(page) { $0.problem != nil }.problem?.message.key == "error.voided")
            }
        }

        @Test func whoIsNoLeadMayNotMark() async throws {
            try await story { town in
                let phone = try await town.phone("测试员甲")
                let visit = try await phone.visit(try await phone.household("3-1-501").id)
                let page = RecordModel(phone.workbook, visit.id)
                page.send(.review(mark: .seen, note: ""))
                let refused = try await shows(page) { $0.problem != nil && $0.record != nil }
                #expect(refused.problem?.message.key == "error.not_permitted")
            }
        }
    }
}
