import GridbookModels
import GridbookTown
import Testing

extension Screens {
    @Suite @MainActor struct ChecklistsTests {
        @Test func listsBeginFromTemplatesAndMoveWithEveryonesTicks() async throws {
            try await story { town in
                let mine = try await town.phone("组员甲", role: "lead", scope: "安全防范")
                let other = try await town.phone("组员乙", role: "member", scope: "安全防范")
                let group = try await mine.workbook.checklists.groups()[0]
                let items = ["patrol": TemplateItem(title: "夜间巡逻", people: 2)]
                let lists = ChecklistsModel(mine.workbook)
                let empty = try await shows(lists) { $0.empty != nil }.empty
                #expect(empty.map { chinese.text($0) } == "现在没有清单")
                let template = Template(title: "联防", group: group, recurs: .daily, items: items)
                _ = try await mine.workbook.checklists.saveTemplate(NewTemplate(content: template))
                lists.send(.beginPeriod)
                let begun = try await shows(lists) { !$0.lists.isEmpty }.lists[0]
                #expect((begun.group, begun.items[0].needed) == ("安全防范", 2))
                try await town.settle()

                lists.send(.tick(checklist: begun.id, item: "patrol"))
                let ticked = try await shows(lists) { $0.lists[0].items[0].mine }.lists[0]
                #expect(!ticked.items[0].done, "one of two")
                _ = try await other.workbook.checklists.tick(begun.id, item: "patrol")
                _ = try await other.workbook.server.sync()
                try await town.settle()
                let done = try await shows(lists) { $0.lists[0].done == 1 }.lists[0].items[0]
                #expect(Set(done.by) == ["组员甲", "组员乙"])

                lists.send(.untick(checklist: begun.id, item: "patrol"))
                let left = try await shows(lists) { !$0.lists[0].items[0].mine }.lists[0].items[0]
                #expect(left.by == ["组员乙"])
                lists.send(.tick(checklist: begun.id, item: "unheard-of"))
                #expect(try await !shows(lists) { $0.problem != nil }.lists.isEmpty)
            }
        }

        @Test func theListGoesOnWhenMoreIsAskedFor() async throws {
            try await story { town in
                let phone = try await town.phone("组员甲", role: "member", scope: "安全防范")
                let checklists = phone.workbook.checklists
                let group = try await checklists.groups()[0]
                for number in 1...31 { _ = try await checklists.save(Checklist(title: "第\(number)周", group: group)) }
                let lists = ChecklistsModel(phone.workbook)
                #expect(try await shows(lists) { $0.lists.count == 30 }.more)
                lists.send(.more)
                #expect(try await !shows(lists) { $0.lists.count == 31 }.more)
            }
        }
    }
}
