import Foundation
import GridbookModels
import GridbookTown
import Testing

extension Screens {
    @Suite @MainActor struct SyncTests {
        @Test func whatIsOnThePhoneGoesToTheServerAndIsSaidInNumbers() async throws {
            try await story { town in
                let phone = try await town.phone("测试员甲")
                let household = try await phone.household("3-1-501").id
                let visit = try await phone.visit(household).id
                let sync = SyncModel(phone.workbook)
                #expect(Set(try await shows(sync) { !$0.loading }.onPhone.map(\.id)) == [household, visit])

                town.network.cut()
                sync.send(.start)
                #expect(sync.state.running)
                let offline = try await shows(sync) { $0.problem != nil && !$0.running }
                #expect(offline.problem.map { chinese.text($0.message) } == "连不上服务器，记录在手机上，有网会再传。")
                #expect(offline.onPhone.count == 2, "nothing is lost by trying")

                town.network.mend()
                sync.send(.start)
                #expect(sync.state.problem == nil)
                let done = try await shows(sync) { $0.message != nil && !$0.running && $0.onPhone.isEmpty }
                #expect(done.message.map { chinese.text($0) } == "同步完成：送达 2，收到 0")
                #expect(done.headline.map { english.text($0) } == "Everything is on the server")
            }
        }

        @Test func whatTheServerHoldsIsCountedAndWhatWentIsSaid() async throws {
            try await story { town in
                let phone = try await town.phone("测试员甲")
                _ = try await phone.household("3-1-501")
                let sync = SyncModel(phone.workbook)
                let before = try await shows(sync) { !$0.loading }
                #expect(before.server.map { chinese.text($0) } == "还没有同步过")
                #expect((before.status?.contact, before.status?.onServer) == (nil, 0))
                let begun = Date.now.addingTimeInterval(-0.001)
                sync.send(.start)
                let after = try await shows(sync) { !$0.running && $0.status?.onServer == 1 }
                #expect(after.server.map { chinese.text($0) } == "1 条记录已在服务器")
                let contact = try #require(after.status?.contact)
                #expect((begun...Date.now).contains(contact))

                // The grid is no longer theirs, and all of it leaves the phone.
                try await town.server("grant", "测试员甲", "member", "安全防范")
                try await town.server("revoke", "grant", "测试员甲", "worker", Town.grid)
                sync.send(.start)
                let left = try await shows(sync) { !$0.running && !$0.notes.isEmpty && $0.status?.onServer == 0 }
                #expect(left.notes.map { chinese.text($0) } == ["你已不在“第一网格”，内容已移除"])
            }
        }

        @Test func aStopRightAfterTheStartIsHeard() async throws {
            try await story { town in
                let phone = try await town.phone("测试员甲")
                _ = try await phone.household("3-1-501")
                let sync = SyncModel(phone.workbook)
                town.network.hold()
                sync.send(.start)
                sync.send(.cancel)
                let stopped = try await shows(sync) { !$0.running }
                #expect((stopped.problem?.message.key, stopped.message) == ("error.cancelled", nil))
                #expect(try await phone.unsent() == 1)
                town.network.release()
            }
        }

        @Test func anExchangeIsStoppedAndGoesOnLater() async throws {
            try await story { town in
                let phone = try await town.phone("测试员甲")
                _ = try await phone.household("3-1-501")
                let sync = SyncModel(phone.workbook)
                town.network.hold()
                sync.send(.start)
                try await town.network.awaitRequest()
                #expect(try await shows(sync) { $0.progress != nil }.running)
                sync.send(.cancel)
                let stopped = try await shows(sync) { !$0.running }
                #expect((stopped.problem?.message.key, stopped.message) == ("error.cancelled", nil))
                town.network.release()
                sync.send(.start)
                try await shows(sync) { $0.message?.key == "app.synced" && $0.status?.unsent == 0 }
            }
        }

        @Test func leavingTheScreenStopsTheExchange() async throws {
            try await story { town in
                let phone = try await town.phone("测试员甲")
                _ = try await phone.household("3-1-501")
                town.network.hold()
                var sync: SyncModel? = SyncModel(phone.workbook)
                sync?.send(.start)
                try await town.network.awaitRequest()
                sync = nil
                let over = phone.workbook.server.progress
                for await progress in over where progress == nil { break }
                town.network.release()
                #expect(try await phone.unsent() == 1, "the answer never came")
                _ = try await phone.workbook.server.sync()
                #expect(try await phone.unsent() == 0)
            }
        }
    }
}
