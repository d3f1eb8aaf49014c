import Foundation
import Gridbook
import GridbookTown
import Testing

extension Stories {
    /// A worker's day.
    @Suite struct DayStories {
        @Test func offlineDay() async throws {
            try await story { town in
                let phone = try await town.phone("测试员甲")
                town.network.cut()
                let workbook = phone.workbook
                let far = try await phone.household("12-1-301")
                let near = try await phone.household("3-1-501")
                let today = try await workbook.diary.today()
                let due = try await workbook.households.due(today).items
                #expect(due.map(\.household.id) == [near.id, far.id], "in walking order")
                #expect(due[0].due.reason == .neverVisited)

                let visit = try await phone.visit(near.id, note: "提醒警惕刷单返利")
                var outreach = try await workbook.visits.outreachFrom(visit.id)
                #expect(outreach.content.households == [near.id.uuidString.lowercased()], "nothing is typed twice")
                outreach.content.fraudTypes = ["fake_orders"]
                outreach.content.leaflets = 2
                let told = try await workbook.outreach.save(outreach)
                _ = try await workbook.diary.save(DiaryEntry(text: "楼道灯坏了，已报修", needsFollowUp: true))

                let page = try await workbook.diary.page(today)
                #expect([page.visits, page.met, page.reached, page.openFollowUps] == [1, 1, 1, 1])
                let visited: [String] = try page.lines.compactMap {
                    guard case .visit(_, let dwelling) = $0 else { return nil }
                    return try dwelling.map { try writeDwelling(dwelling: $0) }
                }
                #expect(visited == ["3-1-501"])
                let still = try await workbook.households.due(today).items
                #expect(still.map(\.household.id) == [far.id])
                let found = try await workbook.records.search("刷单").items
                #expect(found.map(\.id) == [told.id, visit.id], "by the word of its fraud type, and by what was written")
                let standing = try await workbook.visits.get(visit.id).standing
                #expect(standing == .onPhone)
                #expect(try await phone.unsent() == 5)

                let missing = try await failure { () async throws(GridbookError) in
                    try await workbook.visits.save(Visit(household: near.id))
                }
                guard case .Invalid(.visit, "outcome", _) = missing else { throw Unlike("\(missing)") }
                let alone = try await failure { () async throws(GridbookError) in try await workbook.server.sync() }
                guard case .Offline = alone else { throw Unlike("\(alone)") }
                #expect(try await phone.unsent() == 5, "nothing is lost by trying")
            }
        }

        @Test func reconnect() async throws {
            try await story { town in
                let phone = try await town.phone("测试员甲")
                let lead = try await town.phone("测试组长", role: "lead")
                town.network.cut()
                let visit = try await phone.visit(try await phone.household("3-1-501").id, note: "楼道堆物")
                var receipts = phone.workbook.records.receipts(visit.id).makeAsyncIterator()
                #expect(try await receipts.next() == .onPhone)
                town.network.mend()

                let report = try await phone.workbook.server.sync()
                #expect((report.sent, report.received) == (2, 0))
                var progress = phone.workbook.server.progress.makeAsyncIterator()
                #expect(await progress.next() == .some(nil), "the exchange is over")
                #expect(try await receipts.next() == .onServer)

                _ = try await lead.workbook.server.sync()
                _ = try await lead.workbook.reviews.mark(visit.id, mark: .seen, note: "已转消防安全馆")
                _ = try await lead.workbook.server.sync()
                _ = try await phone.workbook.server.sync()
                #expect(try await receipts.next() == .reviewed(.seen))
                let reviews = try await phone.workbook.reviews.of(visit.id)
                #expect(reviews.map(\.content.note) == ["已转消防安全馆"])
                let people = try await phone.workbook.people.directory().people
                #expect(people.contains { $0.name == "测试组长" })
            }
        }
    }
}
