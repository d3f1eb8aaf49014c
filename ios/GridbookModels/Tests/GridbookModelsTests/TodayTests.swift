import GridbookModels
import GridbookTown
import Testing

extension Screens {
    @Suite @MainActor struct TodayTests {
        @Test func dueHouseholdsStandInWalkingOrderUntilTheyAreVisited() async throws {
            try await story { town in
                let phone = try await town.phone("测试员甲")
                let far = try await phone.household("12-1-301").id
                let near = try await phone.household("3-1-501").id
                let today = TodayModel(phone.workbook)
                let morning = try await shows(today) { $0.due.count == 2 && $0.sync != nil }
                #expect(morning.due.map(\.dwelling) == ["3-1-501", "12-1-301"])
                #expect(morning.due.map(\.household) == [near, far])
                #expect(chinese.text(morning.due[0].reason) == "还没走访过")
                #expect(morning.noneDue == nil)
                #expect(try await phone.workbook.diary.today() == morning.day)
                #expect(morning.sync.map { chinese.text($0.message) } == "2 项改动在手机上，待上传")

                _ = try await phone.visit(near)
                #expect(try await shows(today) { $0.due.count == 1 }.due.map(\.household) == [far])
                _ = try await phone.visit(far)
                let none = try await shows(today) { $0.due.isEmpty }.noneDue
                #expect(none.map { chinese.text($0) } == "今天没有到期的走访")
                _ = try await phone.workbook.server.sync()
                try await shows(today) { $0.sync.map { english.text($0.message) } == "Everything is on the server" }
            }
        }

        @Test func theListGoesOnWhenMoreIsAskedFor() async throws {
            try await story { town in
                let phone = try await town.phone("测试员甲")
                for floor in 1...60 { _ = try await phone.household("3-1-\(floor)01") }
                let today = TodayModel(phone.workbook)
                #expect(try await !shows(today) { $0.due.count == 60 }.moreDue, "these are all")
                _ = try await phone.household("3-1-6101")
                try await shows(today) { $0.moreDue }
                #expect(try await shows(today) { $0.due.count == 60 }.moreDue)
                today.send(.more)
                #expect(try await !shows(today) { $0.due.count == 61 }.moreDue)
            }
        }

        @Test func draftsSayWhatTheyAreAbout() async throws {
            try await story { town in
                let phone = try await town.phone("测试员甲")
                let household = try await phone.household("3-1-501").id
                let today = TodayModel(phone.workbook)
                let draft = try await phone.workbook.drafts.begin(.visit(Visit(household: household)))
                let line = try await shows(today) { !$0.drafts.isEmpty }.drafts[0]
                #expect((line.id, line.kind, line.about) == (draft.id, .visit, "3-1-501"))
                _ = try await phone.workbook.drafts.discard(draft.id)
                try await shows(today) { $0.drafts.isEmpty }
            }
        }

        @Test func tasksAreTheItemsThatWaitForThisPerson() async throws {
            try await story { town in
                let phone = try await town.phone("组员甲", role: "member", scope: "安全防范")
                let checklists = phone.workbook.checklists
                let group = try await checklists.groups()[0]
                let day = try await phone.workbook.diary.today()
                let items = [
                    "later": ChecklistItem(title: "检查烟感", position: 1),
                    "first": ChecklistItem(title: "检查消防通道", due: day.before, position: 2),
                    "others": ChecklistItem(title: "夜间巡逻", position: 3),
                ]
                let list = try await checklists.save(
                    Checklist(
                        title: "本周", group: group, starts: day.before, ends: day, items: items,
                        assignees: ["others": ["somebody else"]]
                    )
                )
                let today = TodayModel(phone.workbook)
                let tasks = try await shows(today) { !$0.tasks.isEmpty }.tasks
                #expect(tasks.map(\.item) == ["first", "later"])
                #expect(tasks.map(\.overdue) == [true, false])
                #expect(tasks.allSatisfy { $0.checklist == list.id })
                for task in tasks { today.send(.tick(checklist: task.checklist, item: task.item)) }
                let none = try await shows(today) { $0.noTasks != nil }.noTasks
                #expect(none.map { chinese.text($0) } == "没有要做的事项")
            }
        }
    }
}
