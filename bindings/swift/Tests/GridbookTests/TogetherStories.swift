import Foundation
import Gridbook
import GridbookTown
import Testing

extension Stories {
    /// Several people at work on the same records.
    @Suite struct TogetherStories {
        @Test func twoPhonesOneVisit() async throws {
            try await story { town in
                let first = try await town.phone("测试员甲")
                let second = try await town.phone("测试员乙")
                let visit = try await first.visit(try await first.household("3-1-501").id, note: "开门见山")
                try await town.settle()
                town.network.cut()
                var mine = try await first.workbook.visits.get(visit.id)
                mine.content.requests = "修路灯"
                _ = try await first.workbook.visits.edit(mine)
                var theirs = try await second.workbook.visits.get(visit.id)
                theirs.content.companions = "测试社工"
                _ = try await second.workbook.visits.edit(theirs)
                town.network.mend()
                try await town.settle()
                for phone in [first, second] {
                    let merged = try await phone.workbook.visits.get(visit.id)
                    #expect((merged.content.requests, merged.content.companions) == ("修路灯", "测试社工"))
                    #expect((merged.content.note, merged.conflicts) == ("开门见山", 0))
                }
                #expect(try await first.workbook.records.history(visit.id).count == 3)
            }
        }

        @Test func conflictAndChoice() async throws {
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
                try await town.settle()
                for phone in [first, second] {
                    let open = try await phone.workbook.records.conflicts()
                    #expect(open.count == 1)
                    #expect((open[0].record, open[0].field) == (visit.id, "note"))
                    #expect(Set(open[0].candidates.map(\.value)) == Set(notes.map { .text($0) }))
                    #expect(Set(open[0].candidates.compactMap(\.person)).count == 2, "it says who wrote what")
                }
                _ = try await second.workbook.records.choose(visit.id, field: "note", value: .text(notes[0]))
                try await town.settle()
                for phone in [first, second] {
                    #expect(try await phone.workbook.records.conflicts(visit.id).isEmpty)
                    #expect(try await phone.workbook.visits.get(visit.id).content.note == notes[0])
                }
            }
        }

        @Test func resumedEdit() async throws {
            try await story { town in
                let first = try await town.phone("测试员甲")
                let second = try await town.phone("测试员乙")
                let visit = try await first.visit(try await first.household("3-1-501").id, note: "老人独居")
                try await town.settle()
                var begun = try await first.workbook.drafts.edit(first.workbook.records.get(visit.id))
                #expect((begun.version, begun.editsExisting) == (visit.version, true))
                var mine = visit.content
                mine.note = "要求装扶手"
                begun.content = .visit(mine)
                _ = try await first.workbook.drafts.keep(begun)
                try await first.reopen()
                var theirs = try await second.workbook.visits.get(visit.id)
                theirs.content.note = "女儿每周来"
                theirs.content.requests = "修路灯"
                _ = try await second.workbook.visits.edit(theirs)
                _ = try await second.workbook.server.sync()
                _ = try await first.workbook.server.sync()

                let draft = try #require(try await first.workbook.drafts.get(visit.id))
                guard case .visit(let typed) = draft.content else { throw Unlike("\(draft)") }
                var saved = try await first.workbook.visits.get(visit.id)
                saved.content = typed
                saved.version = try #require(draft.version)
                #expect(try await first.workbook.visits.edit(saved).content.requests == "修路灯")
                #expect(try await first.workbook.drafts.list().isEmpty)
                try await town.settle()
                for phone in [first, second] {
                    let open = try await phone.workbook.records.conflicts()
                    #expect(open.map(\.field) == ["note"])
                    #expect(Set(open[0].candidates.map(\.value)) == [.text("要求装扶手"), .text("女儿每周来")])
                }
                let new = try await first.workbook.drafts.begin(.visit(visit.content))
                #expect((new.version, new.editsExisting) == (nil, false))
            }
        }

        @Test func fiveTickOneList() async throws {
            try await story { town in
                var people: [Phone] = []
                for number in 1...5 {
                    people.append(try await town.phone("组员\(number)", role: "member", scope: "安全防范"))
                }
                let author = people[0].workbook.checklists
                let group = try await author.groups()[0]
                let items = ["i1": ChecklistItem(title: "检查消防通道", people: 5)]
                let list = try await author.save(Checklist(title: "消防检查", group: group, items: items))
                try await town.settle()
                town.network.cut()
                try await withThrowingTaskGroup(of: Void.self) { ticking in
                    for checklists in people.map(\.workbook.checklists) {
                        ticking.addTask { _ = try await checklists.tick(list.id, item: "i1") }
                    }
                    try await ticking.waitForAll()
                }
                town.network.mend()
                try await town.settle()
                for phone in people {
                    let progress = try await phone.workbook.checklists.get(list.id).content.progress()
                    #expect(progress.map { Set($0.ticks.map(\.person)).count } == [5], "no tick is lost")
                    #expect(progress.map(\.done) == [true])
                }
            }
        }

        @Test func aStreamAnswersAgainWhenAnotherPhonesWorkArrives() async throws {
            try await story { town in
                let first = try await town.phone("测试员甲")
                let second = try await town.phone("测试员乙")
                let household = try await first.household("3-1-501")
                try await town.settle()
                let today = try await second.workbook.diary.today()
                var changes = second.workbook.changes.makeAsyncIterator()
                var due = second.workbook.households.watchDue(today).makeAsyncIterator()
                #expect(try await due.next()?.items.map(\.household.id) == [household.id])
                let visit = try await first.visit(household.id)
                try await town.settle()
                #expect(try await due.next()?.items.isEmpty == true)
                let change = await changes.next()
                #expect(change?.edit == .sync && change?.records.contains(visit.id) == true)

                // A change that waits while the workbook closes is told no more, and is no failure.
                let late = try await second.household("3-1-502")
                await second.workbook.close()
                #expect(try await due.next() == nil, "a stream ends with its workbook")
                while let rest = await changes.next() { #expect(rest.edit == .sync || rest.records == [late.id]) }
                let closed = try await failure { () async throws(GridbookError) in
                    try await second.workbook.diary.today()
                }
                guard case .Unexpected("closed") = closed else { throw Unlike("\(closed)") }
            }
        }
    }
}
