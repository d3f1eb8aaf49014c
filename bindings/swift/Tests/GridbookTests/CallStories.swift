import Foundation
@testable import Gridbook
import GridbookTown
import Testing

extension Stories {
    /// Each call of the layer reaches the core's call of its name with all that it was given.
    @Suite struct CallStories {
        @Test func everyListGoesOnWhereItsPageEnded() async throws {
            try await story { town in
                let phone = try await town.phone("组长甲", role: "lead", scope: "虚构社区")
                let workbook = phone.workbook
                let scopes = try await workbook.people.directory().scopes
                let grid = try #require(scopes.first { $0.name == Town.grid }).id
                let group = try await workbook.checklists.groups()[0]
                var homes: [RecordId] = []
                for dwelling in ["3-1-501", "12-1-301"] {
                    let household = Household(dwelling: try readDwelling(text: dwelling), class: "red")
                    homes.append(try await workbook.households.save(NewHousehold(content: household, grid: grid)).id)
                }
                let walk = try await workbook.households.walk(most: 1)
                let rest = try await workbook.households.walk(after: walk.next, most: 1)
                #expect((walk.items + rest.items).map(\.id) == homes)
                let today = try await workbook.diary.today()
                let due = try await workbook.households.due(today, most: 1)
                let later = try await workbook.households.due(today, after: due.next, most: 1)
                #expect((due.items + later.items).map(\.household.id) == homes)

                var visits: [RecordId] = []
                for home in homes { visits.append(try await phone.visit(home, note: "消防检查").id) }
                let page = try await workbook.visits.list(most: 1)
                let older = try await workbook.visits.list(after: page.next, most: 1)
                #expect((page.items + older.items).map(\.id) == visits.reversed())
                #expect(try await workbook.visits.list(filter: Filter(subject: homes[0])).items.map(\.id) == [visits[0]])
                let found = try await workbook.records.search("消防", most: 1)
                let more = try await workbook.records.search("消防", after: found.next, most: 1)
                #expect((found.items + more.items).map(\.id) == visits.reversed())

                var entries: [RecordId] = []
                for text in ["早", "晚"] {
                    let new = NewDiaryEntry(content: DiaryEntry(text: text), grid: grid)
                    entries.append(try await workbook.diary.save(new).id)
                }
                let day = try await workbook.diary.list(most: 1)
                let before = try await workbook.diary.list(after: day.next, most: 1)
                #expect((day.items + before.items).map(\.id) == entries.reversed())

                var talks: [RecordId] = []
                for place in ["学校", "广场"] {
                    let new = NewOutreach(content: Outreach(form: .talk, place: place), grid: grid)
                    talks.append(try await workbook.outreach.save(new).id)
                }
                let log = try await workbook.outreach.list(most: 1)
                let past = try await workbook.outreach.list(after: log.next, most: 1)
                #expect((log.items + past.items).map(\.id) == talks.reversed())

                var lists: [RecordId] = []
                var templates: [TemplateRecord] = []
                for title in ["一", "二"] {
                    lists.append(try await workbook.checklists.save(Checklist(title: title, group: group)).id)
                    let items = ["i1": TemplateItem(title: "巡查")]
                    let template = Template(title: title, group: group, recurs: .weekly, items: items)
                    templates.append(try await workbook.checklists.saveTemplate(NewTemplate(content: template)))
                }
                let first = try await workbook.checklists.list(most: 1)
                let second = try await workbook.checklists.list(after: first.next, most: 1)
                #expect((first.items + second.items).map(\.id) == lists.reversed())
                let top = try await workbook.checklists.templates(most: 1)
                let next = try await workbook.checklists.templates(after: top.next, most: 1)
                #expect((top.items + next.items).map(\.id) == templates.map(\.id).reversed())
                templates[0].content.paused = true
                #expect(try await workbook.checklists.editTemplate(templates[0]).content.paused)
            }
        }

        @Test func whatAPersonAsksForIsFound() async throws {
            try await story { town in
                let phone = try await town.phone("测试员甲")
                let workbook = phone.workbook
                var home = try await phone.household("3-1-501")
                let visit = try await phone.visit(home.id, note: "消防检查")
                let dwelling = try #require(try readDwelling(text: "3-1-501"))
                #expect(try await workbook.households.at(dwelling).map(\.id) == [home.id])
                #expect(try await workbook.households.find("3-1-501").id == home.id)
                #expect(try await workbook.households.visits(home.id).items.map(\.id) == [visit.id])
                home.content.note = "二楼"
                #expect(try await workbook.households.edit(home).content.note == "二楼")
                #expect(try await workbook.records.find(String(visit.id.uuidString.suffix(8))) == visit.id)
                #expect(try await !workbook.records.export(visit.id).isEmpty)
                #expect(try await workbook.records.erasures().isEmpty)
                #expect(try await workbook.records.handOvers().isEmpty)
                let today = try await workbook.diary.today()
                let start = try await workbook.diary.startOf(today)
                #expect(try await workbook.diary.dayOf(start) == today)
                #expect(try await workbook.diary.dayOf(start.addingTimeInterval(-0.001)) == today.before)
                for millis in [1, 999, 1_764_000_000_123, -86_400_000, -1_234] {
                    let started = Date(timeIntervalSince1970: Double(millis) / 1_000)
                    let met = Visit(household: home.id, started: started, outcome: .met)
                    #expect(try await workbook.visits.save(met).content.started == started, "\(millis)")
                }
                #expect(try await workbook.diary.summary(from: today.before, to: today.before).counts.isEmpty)
                let counts = try await workbook.diary.summary(from: today, to: today).counts
                #expect(counts.map(\.kind) == [.visit] && counts.map(\.records) == [1])
                let earlier = try await phone.workbook.diary.save(
                    NewDiaryEntry(content: DiaryEntry(text: "补记", date: today.before))
                )
                let both = try await workbook.diary.summary(from: today.before, to: today).counts
                #expect(both.map(\.kind).contains(.diary), "\(earlier.id) was yesterday")
                #expect(try await workbook.people.grants().map(\.role) == [.worker])
                let person = try #require(try await workbook.people.person())
                var directories = workbook.people.watchDirectory().makeAsyncIterator()
                let known = try #require(try await directories.next()).people
                #expect(known.filter { $0.id == person }.map(\.name) == ["测试员甲"])
                #expect(try await workbook.diary.page(today, person: person).visits == 1)
                #expect(try await workbook.diary.page(today, person: "somebody else").visits == 0)

                let roster = Data("住址,户分类\n5-1-101,红\n5-1-102,绿\n".utf8)
                #expect(try await workbook.households.import(fileName: "名册.csv", bytes: roster).imported == 2)
                #expect(try await workbook.households.walk().items.count == 3)
            }
        }

        @Test func whoUnticksNamesWhom() async throws {
            try await story { town in
                let first = try await town.phone("组员甲", role: "member", scope: "安全防范")
                let second = try await town.phone("组员乙", role: "member", scope: "安全防范")
                let mine = first.workbook.checklists
                let items = ["i1": ChecklistItem(title: "巡查", people: 2)]
                let list = try await mine.save(Checklist(title: "本周", group: try await mine.groups()[0], items: items))
                try await town.settle()
                _ = try await second.workbook.checklists.tick(list.id, item: "i1")
                try await town.settle()
                try await town.settle()
                _ = try await mine.tick(list.id, item: "i1")
                let other = try #require(try await second.workbook.people.person())
                let left = try await mine.untick(list.id, item: "i1", person: other).content.progress()[0]
                let me = try #require(try await first.workbook.people.person())
                #expect(left.ticks.map(\.person) == [me])
                #expect(try await mine.untick(list.id, item: "i1").content.progress()[0].ticks.isEmpty)
            }
        }

        @Test func thePinIsAskedFor() async throws {
            try await story { town in
                let phone = try await town.phone("测试员甲")
                _ = try await phone.household("3-1-501")
                await phone.close()
                let guardian = try await phone.guardian()
                let before = try await guardian.status()
                #expect(!before.pin && before.lock == nil)
                let open = try await guardian.open()
                try await guardian.setPin("271828")
                await open.close()
                #expect(try await guardian.status().pin)

                let again = try await phone.guardian()
                let needed = try await failure { () async throws(GridbookError) in try await again.open() }
                #expect(needed == .PinNeeded)
                let wrong = try await failure { () async throws(GridbookError) in try await again.open(pin: "314159") }
                let triesLeft = try await again.status().triesLeft
                #expect(wrong == .PinWrong(left: triesLeft))
                let opened = try await again.open(pin: "271828")
                #expect(try await opened.server.status().unsent == 1)
                let bad = try await failure { () async throws(GridbookError) in try await again.setPin("1") }
                guard case .BadPin = bad else { throw Unlike("\(bad)") }
                try await again.setPin(nil)
                await opened.close()
                try await phone.reopen()
                #expect(phone.workbook.salvage == nil)
            }
        }

        @Test func whatIsNoValueOfItsTypeFailsWithACode() async throws {
            try await story { town in
                let phone = try await town.phone("测试员甲")
                let visits = phone.workbook.visits
                var visit = try await phone.visit(try await phone.household("3-1-501").id)
                let place = try await failure { () async throws(GridbookError) in
                    try await visits.list(after: "13800000000")
                }
                #expect(place == .Unexpected(code: "value"))
                visit.version = "13800000000"
                let edit = try await failure { [visit] () async throws(GridbookError) in try await visits.edit(visit) }
                #expect(edit == .Unexpected(code: "value"))
                #expect(bridged(Unlike("13800000000")) == .Unexpected(code: "bridge"))
                #expect(try await visits.list().items.map(\.id) == [visit.id], "nothing is broken by it")
            }
        }

        @Test func aStreamTellsOfDraftsWhoAsks() async throws {
            try await story { town in
                let phone = try await town.phone("测试员甲")
                let home = try await phone.household("3-1-501").id
                let drafts = phone.workbook.drafts
                let begun = try await drafts.begin(.visit(Visit(household: home)))
                var watched = drafts.watch().makeAsyncIterator()
                #expect(try await watched.next()?.map(\.id) == [begun.id])
                #expect(try await drafts.discard(begun.id))
                #expect(try await watched.next()?.isEmpty == true)
            }
        }
    }
}
