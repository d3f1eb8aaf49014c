import Gridbook
import GridbookModels
import GridbookTown
import Testing

extension Screens {
    @Suite @MainActor struct DiaryTests {
        @Test func thePageIsTheDaysWorkAndTheEntryIsKept() async throws {
            try await story { town in
                let phone = try await town.phone("测试员甲")
                let first = DiaryModel(phone.workbook)
                let empty = try await shows(first) { $0.empty != nil }.empty
                #expect(empty.map { chinese.text($0) } == "今天还没有记录")
                first.send(.typeText("楼道灯坏了"))
                first.send(.setFollowUp(true))
                try await shows(first) { $0.kept }
                _ = try await phone.visit(try await phone.household("3-1-501").id)
                try await phone.reopen()

                let diary = DiaryModel(phone.workbook)
                let resumed = try await shows(diary) { $0.page != nil && !$0.form.text.isEmpty }
                #expect((resumed.form.text, resumed.form.needsFollowUp) == ("楼道灯坏了", true))
                #expect(resumed.page?.visits == 1)
                diary.send(.save)
                let page = try await shows(diary) { $0.page?.lines.count == 2 && !$0.saving }
                #expect((page.form.text, page.page?.openFollowUps) == ("", 1))
                #expect(try await phone.workbook.drafts.list().isEmpty)
                let entries = try await phone.workbook.diary.list().items
                diary.send(.setDone(entry: entries[0].id, done: true))
                try await shows(diary) { $0.page?.openFollowUps == 0 }
            }
        }

        @Test func anEntryKeepsTheDayOnWhichItWasBegun() async throws {
            try await story { town in
                let phone = try await town.phone("测试员甲")
                let yesterday = try await phone.workbook.diary.today().before
                let first = DiaryModel(phone.workbook)
                first.send(.showDay(yesterday))
                try await shows(first) { $0.page?.day == yesterday }
                first.send(.typeText("补记"))
                // Looking at another page does not move what is being written.
                first.send(.showDay(nil))
                try await shows(first) { $0.page?.day == $0.today && $0.kept }
                try await phone.reopen()

                let diary = DiaryModel(phone.workbook)
                try await shows(diary) { $0.page?.day == yesterday && $0.form.text == "补记" }
                diary.send(.save)
                try await shows(diary) { $0.page?.day == yesterday && $0.page?.lines.count == 1 && !$0.saving }
            }
        }

        @Test func aReturnedEntryIsAnsweredInItsForm() async throws {
            try await story { town in
                let phone = try await town.phone("测试员甲")
                let lead = try await town.phone("组长甲", role: "lead", scope: "虚构社区")
                let entry = try await phone.workbook.diary.save(DiaryEntry(text: "楼道灯坏了"))
                try await town.settle()
                _ = try await lead.workbook.reviews.mark(entry.id, mark: .returned, note: "哪一层？")
                try await town.settle()
                let first = DiaryModel(phone.workbook, .ofRecord(entry.id))
                let opened = try await shows(first) { $0.saved != nil }
                #expect((opened.saved?.standing, opened.form.text) == (.reviewed(.returned), "楼道灯坏了"))
                first.send(.typeText("三楼楼道灯坏了"))
                try await shows(first) { $0.kept }

                // The app was killed; today's page shows the draft, which opens its form.
                let drafts = try await phone.workbook.drafts.list()
                #expect(drafts.map(\.id) == [entry.id] && drafts.allSatisfy(\.editsExisting))
                let new = DiaryModel(phone.workbook)
                #expect(try await shows(new) { $0.page != nil }.form.text.isEmpty, "it is no new entry")
                let diary = DiaryModel(phone.workbook, .ofDraft(entry.id))
                try await shows(diary) { $0.form.text == "三楼楼道灯坏了" }
                diary.send(.save)
                let saved = try await shows(diary) { $0.message?.key == "message.saved" && !$0.saving }
                #expect(saved.saved?.content.text == "三楼楼道灯坏了")
                #expect(try await phone.workbook.diary.list().items.map(\.content.text) == ["三楼楼道灯坏了"])
                #expect(try await phone.workbook.records.history(entry.id).count == 2)
                #expect(try await phone.workbook.drafts.list().isEmpty)
            }
        }

        @Test func whoWorksInTwoGridsIsAskedWhich() async throws {
            try await story { town in
                try await town.server("scopes", "add", "第二网格", "--community", "虚构社区")
                let phone = try await town.phone("测试员甲")
                try await town.server("grant", "测试员甲", "worker", "第二网格")
                _ = try await phone.workbook.server.sync()
                let diary = DiaryModel(phone.workbook)
                let grids = try await shows(diary) { $0.grids.count == 2 && $0.page != nil }.grids
                diary.send(.typeText("楼道灯坏了"))
                diary.send(.save)
                let asked = try await shows(diary) { $0.problem != nil && !$0.saving }
                #expect((asked.problem?.field, asked.form.text) == ("grid", "楼道灯坏了"))
                let second = try #require(grids.first { $0.name == "第二网格" })
                diary.send(.chooseGrid(second.id))
                diary.send(.save)
                try await shows(diary) { $0.message?.key == "message.saved" }
                #expect(try await phone.workbook.diary.list().items.map(\.header.grid) == [second.id])

                let outreach = OutreachModel(phone.workbook)
                #expect(try await shows(outreach) { !$0.grids.isEmpty }.grids == grids)
                outreach.send(.chooseForm(.talk))
                outreach.send(.typePlace("活动室"))
                outreach.send(.chooseGrid(second.id))
                try await shows(outreach) { $0.kept && $0.grid == second.id }
                let drafts = try await phone.workbook.drafts.list()
                let draft = try #require(drafts.first { $0.kind == .outreach })
                let resumed = OutreachModel(phone.workbook, .ofDraft(draft.id))
                #expect(try await shows(resumed) { $0.grid != nil }.grid == second.id, "the draft keeps it")
                outreach.send(.save)
                #expect(try await shows(outreach) { $0.saved != nil }.saved?.header.grid == second.id)
            }
        }

        @Test func discardingEmptiesTheForm() async throws {
            try await story { town in
                let phone = try await town.phone("测试员甲")
                let diary = DiaryModel(phone.workbook)
                try await shows(diary) { $0.page != nil }
                diary.send(.chooseCategory("safety"))
                diary.send(.typeText("楼道灯坏了"))
                try await shows(diary) { $0.kept }
                let typed = Content.diary(DiaryEntry(text: "楼道灯坏了", date: diary.state.today, category: "safety"))
                #expect(try await phone.workbook.drafts.list().map(\.content) == [typed])
                diary.send(.discard)
                #expect(try await shows(diary) { $0.form.text.isEmpty }.kept)
                #expect(try await phone.workbook.drafts.list().isEmpty)
            }
        }

        @Test func anEntryBelongsToTheDayThatIsShown() async throws {
            try await story { town in
                let diary = DiaryModel(try await town.phone("测试员甲").workbook)
                let yesterday = try await shows(diary) { $0.page != nil }.today!.before
                diary.send(.showDay(yesterday))
                try await shows(diary) { $0.page?.day == yesterday }
                diary.send(.save)
                #expect(try await shows(diary) { $0.problem != nil && !$0.saving }.problem?.field == "text")
                diary.send(.typeText("补记"))
                diary.send(.save)
                try await shows(diary) { $0.page?.day == yesterday && $0.page?.lines.count == 1 }
                diary.send(.showDay(nil))
                #expect(try await shows(diary) { $0.page?.day == $0.today }.page?.lines.isEmpty == true)
            }
        }
    }
}
