import Foundation
import GridbookModels
import GridbookTown
import Testing

extension Screens {
    @Suite @MainActor struct VisitTests {
        @Test func whatIsTypedIsKeptFromTheFirstKeystroke() async throws {
            try await story { town in
                let phone = try await town.phone("测试员甲")
                let household = try await phone.household("3-1-501").id
                var form: VisitModel? = VisitModel(phone.workbook, .toHousehold(household))
                try await shows(form!) { $0.form != nil }
                #expect(form?.state.dwelling == "3-1-501")
                #expect(try await phone.workbook.drafts.list().isEmpty, "looking keeps nothing")

                form?.send(.typeNote("楼"))
                #expect(form?.state.kept == false)
                try await shows(form!) { $0.kept }
                #expect(try await kept(phone) == "楼", "at once")

                // Nobody waits for the pause: the screen goes away with what was typed last.
                form?.send(.typeNote("楼道"))
                form?.send(.typeNote("楼道堆物"))
                weak var gone = form
                form = nil
                #expect(gone == nil, "nothing but the screen holds its model")
                try await eventually { try await kept(phone) == "楼道堆物" }
                try await phone.reopen()
                let again = VisitModel(phone.workbook, .toHousehold(household))
                let state = try await shows(again) { $0.message != nil }
                #expect(state.form?.note == "楼道堆物")
                #expect(state.message.map { chinese.text($0) } == chinese["message.draft_found"])
                #expect(try await phone.workbook.drafts.list().count == 1)
            }
        }

        @Test func theCoreChecksAndTheDraftStays() async throws {
            try await story { town in
                let phone = try await town.phone("测试员甲")
                let form = VisitModel(phone.workbook, .toHousehold(try await phone.household("3-1-501").id))
                try await shows(form) { $0.form != nil }
                form.send(.typeNote("楼道堆物"))
                form.send(.save)
                let refused = try await shows(form) { $0.problem != nil && !$0.saving }
                #expect((refused.problem?.kind, refused.problem?.field) == (.visit, "outcome"))
                #expect(refused.problem.map { chinese.text($0.message) } == "请选择走访结果")
                #expect(refused.saved == nil)
                #expect(try await kept(phone) == "楼道堆物")

                form.send(.chooseOutcome(.notMet))
                #expect(form.state.problem == nil, "the mark goes with the next event")
                form.send(.togglePurpose("routine"))
                form.send(.save)
                let saved = try await shows(form) { $0.saved != nil && !$0.saving }
                #expect(saved.saved?.content.purposes == ["routine"])
                #expect(saved.form?.nextVisit != nil, "the core has scheduled the retry")
                #expect(try await phone.workbook.visits.get(saved.saved!.id).content.note == "楼道堆物")
                #expect(try await phone.workbook.drafts.list().isEmpty)
            }
        }

        @Test func everyFieldIsTakenAsItIsTyped() async throws {
            try await story { town in
                let phone = try await town.phone("测试员甲")
                let household = try await phone.household("3-1-501").id
                let form = VisitModel(phone.workbook, .toHousehold(household))
                try await shows(form) { $0.form != nil }
                let began = Date(timeIntervalSince1970: 1_795_395_600)
                let ended = began.addingTimeInterval(1_200)
                let day = CalendarDay("2026-12-01")
                let events: [VisitEvent] = [
                    .chooseOutcome(.phone), .togglePurpose("routine"), .togglePurpose("care"), .togglePurpose("routine"),
                    .toggleHazard("ebike_indoors"), .toggleHazard("mixed_use"), .toggleHazard("mixed_use"),
                    .typeNote("见闻"), .typeRequests("诉求"), .typeCompanions("同行"),
                    .chooseStarted(began), .chooseEnded(ended), .chooseNextVisit(day), .save,
                ]
                for event in events { form.send(event) }
                let saved = try #require(try await shows(form) { $0.saved != nil && !$0.saving }.saved).content
                #expect((saved.household, saved.outcome) == (household, .phone))
                #expect((saved.purposes, saved.hazards) == (["care"], ["ebike_indoors"]))
                #expect((saved.note, saved.requests, saved.companions) == ("见闻", "诉求", "同行"))
                #expect((saved.started, saved.ended, saved.nextVisit) == (began, ended, day))
            }
        }

        @Test func oneTapLeadsToAnOutreach() async throws {
            try await story { town in
                let phone = try await town.phone("测试员甲")
                let form = VisitModel(phone.workbook, .toHousehold(try await phone.household("3-1-501").id))
                try await shows(form) { $0.form != nil }
                form.send(.makeOutreach)
                let refused = try await shows(form) { $0.problem != nil && !$0.saving }
                #expect(refused.outreachFrom == nil, "not from what cannot be saved")
                form.send(.chooseOutcome(.met))
                form.send(.makeOutreach)
                let visit = try await shows(form) { $0.outreachFrom != nil && !$0.saving }
                #expect(visit.saved?.id == visit.outreachFrom)
                form.send(.outreachOpened)
                form.send(.makeOutreach)
                try await shows(form) { $0.outreachFrom == visit.outreachFrom && !$0.saving }
                #expect(try await phone.workbook.visits.list().items.count == 1, "saved once")
            }
        }

        @Test func anEditWritesOnlyWhatWasTyped() async throws {
            try await story { town in
                let phone = try await town.phone("测试员甲")
                var visit = try await phone.visit(try await phone.household("3-1-501").id, note: "开门见山")
                let form = VisitModel(phone.workbook, .ofRecord(visit.id))
                try await shows(form) { $0.saved != nil }
                // Meanwhile a colleague's edit arrives.
                visit.content.requests = "修路灯"
                _ = try await phone.workbook.visits.edit(visit)
                form.send(.typeCompanions("测试社工"))
                try await shows(form) { $0.kept }
                #expect(try await phone.workbook.drafts.get(visit.id)?.editsExisting == true)
                form.send(.save)
                let merged = try await shows(form) { $0.saved?.content.companions == "测试社工" && !$0.saving }
                #expect((merged.saved?.content.requests, merged.saved?.conflicts) == ("修路灯", 0))
            }
        }

        @Test func aResumedEditDoesNotOverwriteAColleague() async throws {
            try await story { town in
                let phone = try await town.phone("测试员甲")
                let other = try await town.phone("测试员乙")
                let visit = try await phone.visit(try await phone.household("3-1-501").id, note: "老人独居")
                try await town.settle()
                try await typedUntilKilled(phone, "visit", visit.id)
                var theirs = try await other.workbook.visits.get(visit.id)
                theirs.content.note = "女儿每周来"
                theirs.content.requests = "修路灯"
                _ = try await other.workbook.visits.edit(theirs)
                _ = try await other.workbook.server.sync()
                _ = try await phone.workbook.server.sync()

                let form = VisitModel(phone.workbook, .ofRecord(visit.id))
                #expect(try await shows(form) { $0.saved != nil }.form?.note == "楼道堆物")
                form.send(.typeCompanions("测试社工"))
                form.send(.save)
                let saved = try await shows(form) { $0.saved?.content.companions == "测试社工" && !$0.saving }.saved
                #expect((saved?.content.requests, saved?.conflicts) == ("修路灯", 1))
                let page = RecordModel(phone.workbook, visit.id)
                let choices = try await shows(page) { !$0.conflicts.isEmpty }.conflicts[0].choices
                #expect(Set(choices.map(\.value)) == [.text("女儿每周来"), .text("楼道堆物")])
            }
        }

        @Test func discardingLeavesNothingAndTheScreen() async throws {
            try await story { town in
                let phone = try await town.phone("测试员甲")
                let form = VisitModel(phone.workbook, .toHousehold(try await phone.household("3-1-501").id))
                try await shows(form) { $0.form != nil }
                form.send(.typeRequests("修路灯"))
                try await shows(form) { $0.kept }
                form.send(.discard)
                try await shows(form) { $0.closed }
                #expect(try await phone.workbook.drafts.list().isEmpty)
            }
        }

        @Test func aVisitThatIsNotHereIsAProblemOfTheState() async throws {
            try await story { town in
                let form = VisitModel(try await town.phone("测试员甲").workbook, .ofRecord(UUID()))
                let problem = try await shows(form) { $0.problem != nil }.problem
                #expect((problem?.message.key, problem?.action) == ("error.no_such_record", .sync))
            }
        }

        private func kept(_ phone: Phone) async throws -> String? {
            guard case .visit(let visit) = try await phone.workbook.drafts.list().first?.content else { return nil }
            return visit.note
        }
    }
}
