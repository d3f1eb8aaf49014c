import Gridbook
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

        @Test func aNumberIsShownForAReasonAndGoesWithTheNextEvent() async throws {
            try await story { town in
                let author = try await town.phone("测试员甲")
                let other = try await town.phone("测试员乙")
                let home = try await author.workbook.households.save(
                    Household(dwelling: readDwelling(text: "3-1-501"), class: "red", phone: "13800000000")
                )
                try await town.settle()
                let own = RecordModel(author.workbook, home.id)
                #expect(try await shows(own) { $0.record != nil }.masked.isEmpty, "who wrote it sees it")
                let page = RecordModel(other.workbook, home.id)
                #expect(try await shows(page) { $0.record != nil }.masked == ["phone"])
                page.send(.reveal(field: "phone", reason: ""))
                #expect(try await shows(page) { $0.problem != nil }.revealed == nil)
                page.send(.reveal(field: "phone", reason: "联系住户"))
                let shown = try await shows(page) { $0.revealed != nil }
                #expect(shown.revealed?.field == "phone" && shown.revealed?.values == ["13800000000"])
                #expect(!"\(shown)".contains("13800000000"), "a state that is logged gives no number away")
                page.send(.hide)
                #expect(try await shows(page) { $0.revealed == nil }.problem == nil)
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

        @Test func aRefusedRecordSaysWhyUntilItsCauseIsSeenTo() async throws {
            try await story { town in
                let phone = try await town.phone("测试员甲")
                var visit = try await phone.visit(try await phone.household("3-1-501").id)
                _ = try await phone.workbook.server.sync()
                // They may read from now on and write no more, but this phone has not heard of it yet.
                try await town.server("grant", "测试员甲", "auditor", Town.grid)
                try await town.server("revoke", "grant", "测试员甲", "worker", Town.grid)
                visit = try await phone.workbook.visits.get(visit.id)
                visit.content.note = "写在途中"
                _ = try await phone.workbook.visits.edit(visit)
                let sync = SyncModel(phone.workbook)
                try await shows(sync) { !$0.onPhone.isEmpty }
                sync.send(.start)
                let refused = try await shows(sync) { !$0.refused.isEmpty && !$0.running && $0.message != nil }
                #expect(refused.refused.map(\.record.id) == [visit.id])
                let reasons = refused.refused[0].reasons
                #expect(reasons.map { chinese.text($0) } == ["您没有权限在这里写这类记录。请联系组长。"])
                #expect(refused.headline?.key == "sync.refused")
                #expect(refused.notes.map(\.key) == ["sync.refused"])

                let page = RecordModel(phone.workbook, visit.id)
                #expect(try await shows(page) { $0.record != nil }.refusals == reasons)
                page.send(.rescue)
                let still = try await shows(page) { $0.problem != nil }.problem
                #expect(still?.message.key == "error.not_permitted", "the cause is there still")

                sync.send(.rescue(visit.id))
                let here = try await shows(sync) { $0.problem != nil }.problem
                #expect(here?.message.key == "error.not_permitted", "and so it is here")

                // With the role back the core tries again by itself, in the exchange after the one that brings it.
                try await town.server("grant", "测试员甲", "worker", Town.grid)
                _ = try await phone.workbook.server.sync()
                sync.send(.start)
                let taken = try await shows(sync) { $0.refused.isEmpty && $0.onPhone.isEmpty && !$0.running }
                #expect(taken.headline?.key == "app.nothing_waits")
                try await shows(page) { $0.refusals.isEmpty }
            }
        }
    }
}
