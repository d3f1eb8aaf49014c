import Foundation
import GridbookModels
import GridbookTown
import Testing

extension Screens {
    @Suite @MainActor struct OutreachTests {
        @Test func aVisitFillsItAndARestartKeepsWhatTheVisitKnew() async throws {
            try await story { town in
                let phone = try await town.phone("测试员甲")
                let household = try await phone.household("3-1-501").id
                let yesterday = Date(timeIntervalSince1970: Date.now.timeIntervalSince1970.rounded() - 86_400)
                let content = Visit(household: household, outcome: .met)
                let visit = try await phone.workbook.visits.save(NewVisit(content: content, occurredAt: yesterday))
                let first = OutreachModel(phone.workbook, .fromVisit(visit.id))
                let filled = try await shows(first) { !$0.dwellings.isEmpty }
                #expect(filled.dwellings == ["3-1-501"])
                #expect((filled.form?.form, filled.form?.reached) == (.door, 1))
                #expect(try await phone.workbook.outreach.list().items.isEmpty, "a tap alone makes no record")
                first.send(.toggleFraudType("fake_orders"))
                first.send(.setLeaflets(2))
                try await shows(first) { $0.kept }
                try await phone.reopen()

                let form = OutreachModel(phone.workbook, .fromVisit(visit.id))
                try await shows(form) { $0.form?.leaflets == 2 }
                // Out and in again: as the core writes it, the household is the same.
                form.send(.toggleHousehold(household))
                #expect(form.state.form?.households.isEmpty == true)
                form.send(.toggleHousehold(household))
                form.send(.save)
                let saved = try #require(try await shows(form) { $0.saved != nil && !$0.saving }.saved)
                #expect(saved.content.fraudTypes == ["fake_orders"])
                #expect(saved.content.households == [household.uuidString.lowercased()])
                #expect((saved.content.visit, saved.header.occurredAt) == (visit.id, yesterday))
                #expect(try await phone.workbook.drafts.list().isEmpty)
                #expect(try await shows(form) { !$0.latest.isEmpty }.latest.map(\.id) == [saved.id])
            }
        }

        @Test func withoutAPlaceTheFieldIsMarked() async throws {
            try await story { town in
                let form = OutreachModel(try await town.phone("测试员甲").workbook)
                try await shows(form) { $0.form != nil && $0.none != nil }
                form.send(.chooseForm(.talk))
                form.send(.save)
                let problem = try await shows(form) { $0.problem != nil && !$0.saving }.problem
                #expect(problem.map { chinese.text($0.message) } == "请写地点或选择宣传到的户")
                form.send(.typePlace("社区学校"))
                form.send(.save)
                #expect(try await shows(form) { $0.saved != nil }.saved?.content.place == "社区学校")
            }
        }
    }
}
