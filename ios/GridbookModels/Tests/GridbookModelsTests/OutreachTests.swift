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

                let again = OutreachModel(phone.workbook, .fromVisit(visit.id))
                #expect(try await shows(again) { $0.saved != nil }.saved?.id == saved.id, "a second tap opens it")
            }
        }

        @Test func everyFieldIsTakenAsItIsTyped() async throws {
            try await story { town in
                let phone = try await town.phone("测试员甲")
                let household = try await phone.household("3-1-501").id
                let form = OutreachModel(phone.workbook)
                try await shows(form) { $0.form != nil }
                let events: [OutreachEvent] = [
                    .chooseForm(.talk), .typePlace("广场"), .typeBuilding("3"), .toggleHousehold(household),
                    .toggleFraudType("loan"), .toggleFraudType("shopping"), .toggleFraudType("loan"),
                    .setReached(30), .setLeaflets(20), .setConsultations(3), .setDissuaded(1), .typeNote("讲了案例"),
                ]
                for event in events { form.send(event) }
                #expect(try await shows(form) { !$0.dwellings.isEmpty }.dwellings == ["3-1-501"])
                form.send(.save)
                let saved = try #require(try await shows(form) { $0.saved != nil && !$0.saving }.saved).content
                #expect((saved.form, saved.place, saved.building, saved.note) == (.talk, "广场", "3", "讲了案例"))
                #expect((saved.households, saved.fraudTypes) == ([household.uuidString.lowercased()], ["shopping"]))
                #expect((saved.reached, saved.leaflets, saved.consultations, saved.dissuaded) == (30, 20, 3, 1))
            }
        }

        @Test func aResumedEditDoesNotOverwriteAColleague() async throws {
            try await story { town in
                let phone = try await town.phone("测试员甲")
                let other = try await town.phone("测试员乙")
                let talk = Outreach(form: .talk, place: "广场", note: "讲了案例")
                let outreach = try await phone.workbook.outreach.save(talk)
                try await town.settle()
                let first = OutreachModel(phone.workbook, .ofRecord(outreach.id))
                try await shows(first) { $0.saved != nil }
                first.send(.typeNote("发了传单"))
                try await shows(first) { $0.kept }
                try await phone.reopen()
                var theirs = try await other.workbook.outreach.get(outreach.id)
                theirs.content.note = "放了短片"
                theirs.content.reached = 30
                _ = try await other.workbook.outreach.edit(theirs)
                _ = try await other.workbook.server.sync()
                _ = try await phone.workbook.server.sync()
                let form = OutreachModel(phone.workbook, .ofDraft(outreach.id))
                #expect(try await shows(form) { $0.saved != nil }.form?.note == "发了传单")
                form.send(.save)
                let saved = try await shows(form) { $0.saved?.conflicts == 1 && !$0.saving }.saved
                #expect(saved?.content.reached == 30)
                #expect(try await phone.workbook.drafts.list().isEmpty)
            }
        }

        @Test func discardingLeavesNothingAndTheScreen() async throws {
            try await story { town in
                let phone = try await town.phone("测试员甲")
                let form = OutreachModel(phone.workbook)
                try await shows(form) { $0.form != nil }
                form.send(.typePlace("广场"))
                try await shows(form) { $0.kept }
                #expect(try await phone.workbook.drafts.list().count == 1)
                form.send(.discard)
                try await shows(form) { $0.closed }
                #expect(try await phone.workbook.drafts.list().isEmpty)
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
