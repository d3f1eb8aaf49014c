import GridbookModels
import GridbookTown
import Testing

extension Screens {
    @Suite @MainActor struct SearchTests {
        @Test func answersFollowTheTypingAndGoOn() async throws {
            try await story { town in
                let phone = try await town.phone("测试员甲")
                let household = try await phone.household("3-1-501").id
                for number in 1...61 { _ = try await phone.visit(household, note: "提醒警惕刷单返利，第\(number)次") }
                let charging = try await phone.visit(household, note: "电动车在楼道充电").id
                let search = SearchModel(phone.workbook)
                #expect(search.state.hint.map { chinese.text($0) } == "输入两个字就能查")

                search.send(.type("刷单"))
                let first = try await shows(search) { !$0.found.isEmpty && !$0.searching }
                #expect((first.found.count, first.more) == (60, true))
                search.send(.more)
                let all = try await shows(search) { !$0.searching && $0.found.count > 60 }
                #expect((all.found.count, Set(all.found.map(\.id)).count) == (61, 61))

                // The first of the two is not waited for, and never shown.
                search.send(.type("返利"))
                search.send(.type("充电"))
                #expect(try await shows(search) { !$0.searching }.found.map(\.id) == [charging])
                search.send(.type("没有这种"))
                let none = try await shows(search) { !$0.searching }
                #expect(none.found.isEmpty && none.hint?.key == "message.nothing_found")
                search.send(.type(" "))
                #expect(search.state.found.isEmpty && !search.state.searching)
            }
        }
    }
}
