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

        @Test func discardingEmptiesTheForm() async throws {
            try await story { town in
                let phone = try await town.phone("测试员甲")
                let diary = DiaryModel(phone.workbook)
                try await shows(diary) { $0.page != nil }
                diary.send(.chooseCategory("safety"))
                diary.send(.typeText("楼道灯坏了"))
                try await shows(diary) { $0.kept }
                let typed = Content.diary(DiaryEntry(text: "楼道灯坏了", category: "safety"))
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
