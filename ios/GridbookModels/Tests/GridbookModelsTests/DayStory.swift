import GridbookModels
import GridbookTown
import Testing

extension Screens {
    /// A worker's day as the screens tell it, against the real core and a server process.
    @Suite @MainActor struct DayStory {
        @Test func fromTheMorningListToTheAnswer() async throws {
            try await story { town in
                let phone = try await town.phone("测试员甲")
                let lead = try await town.phone("测试组长", role: "lead")
                for dwelling in ["12-1-301", "3-1-501"] { _ = try await phone.household(dwelling) }
                _ = try await phone.workbook.server.sync()

                // The morning's list, and then no network.
                let first = try await shows(TodayModel(phone.workbook)) { $0.due.count == 2 }.due[0]
                #expect(first.dwelling == "3-1-501")
                town.network.cut()
                try await typedUntilKilled(phone, "household", first.household)

                // The app starts again: the draft is on the page, the form goes on with it.
                let today = TodayModel(phone.workbook)
                let draft = try await shows(today) { !$0.drafts.isEmpty }.drafts[0]
                let form = VisitModel(phone.workbook, .ofDraft(draft.id))
                #expect(try await shows(form) { $0.form != nil }.form?.note == "楼道堆物")
                form.send(.chooseOutcome(.met))

                // One tap to the outreach; nothing is typed twice.
                form.send(.makeOutreach)
                let visit = try #require(try await shows(form) { $0.outreachFrom != nil }.outreachFrom)
                let outreach = OutreachModel(phone.workbook, .fromVisit(visit))
                #expect(try await shows(outreach) { !$0.dwellings.isEmpty }.dwellings == ["3-1-501"])
                outreach.send(.toggleFraudType("fake_orders"))
                outreach.send(.save)
                try await shows(outreach) { $0.saved != nil }
                try await shows(today) { $0.due.count == 1 && $0.drafts.isEmpty }

                // The network is back.
                let sync = SyncModel(phone.workbook)
                try await shows(sync) { $0.onPhone.count == 2 }
                town.network.mend()
                sync.send(.start)
                try await shows(sync) { $0.message?.key == "app.synced" && $0.onPhone.isEmpty && !$0.running }
                let page = RecordModel(phone.workbook, visit)
                let standing = try await shows(page) { $0.record?.standing == .onServer }.standing
                #expect(standing.map { chinese.text($0) } == "已到服务器")

                // The lead returns it.
                _ = try await lead.workbook.server.sync()
                let opened = RecordModel(lead.workbook, visit)
                try await shows(opened) { $0.record != nil }
                opened.send(.review(mark: .returned, note: "请写清是几楼"))
                try await shows(opened) { $0.notice?.key == "message.returned" }
                _ = try await lead.workbook.server.sync()
                sync.send(.start)
                let returned = try await shows(page) { $0.notice?.key == "message.returned" && !$0.reviews.isEmpty }
                #expect(returned.reviews.map(\.person) == ["测试组长"])
                #expect(returned.reviews.map(\.note) == ["请写清是几楼"])
                try await shows(sync) { !$0.running }

                // The answer is an edit.
                let answer = VisitModel(phone.workbook, .ofRecord(visit))
                try await shows(answer) { $0.saved != nil }
                answer.send(.typeNote("三楼楼道堆物"))
                answer.send(.save)
                try await shows(page) { $0.notice == nil && $0.record?.standing == .onPhone }
                sync.send(.start)
                try await shows(sync) { $0.onPhone.isEmpty && !$0.running }
                _ = try await lead.workbook.server.sync()
                let read = try await lead.workbook.visits.get(visit)
                #expect((read.content.note, read.standing) == ("三楼楼道堆物", .onServer))
                try await shows(page) { $0.history.count == 2 }
            }
        }
    }
}
