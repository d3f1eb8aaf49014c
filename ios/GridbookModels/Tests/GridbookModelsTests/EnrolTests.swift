import GridbookModels
import GridbookTown
import Testing

extension Screens {
    @Suite @MainActor struct EnrolTests {
        @Test func anInvitationIsLookedAtAndTaken() async throws {
            try await story { town in
                let invitation = try await town.invitation("测试员甲")
                let phone = try await town.newPhone()
                let enrol = EnrolModel(phone.workbook)
                try await shows(enrol) { $0.step == .scan }
                let today = TodayModel(phone.workbook)
                let stands = try await shows(today) { $0.sync != nil }.sync
                #expect(stands?.message.key == "error.not_enrolled")

                enrol.send(.scan("https://example.invalid"))
                let unread = try await shows(enrol) { $0.problem != nil }
                #expect(unread.problem?.message.key.hasPrefix("rule.") == true, "\(unread)")
                #expect(unread.step == .scan)

                enrol.send(.scan(invitation))
                let looked = try await shows(enrol) { $0.step == .confirm }
                #expect(looked.invitation?.person == "测试员甲")
                #expect(!"\(looked)".contains(invitation), "the secret stays out of the state")
                enrol.send(.scanAgain)
                try await shows(enrol) { $0.step == .scan }
                enrol.send(.scan(invitation))
                try await shows(enrol) { $0.step == .confirm }
                enrol.send(.join(label: "测试机"))
                let joined = try await shows(enrol) { $0.step == .enrolled && !$0.busy }
                #expect(joined.message?.key == "app.enrolled")
                _ = try await phone.household("3-1-501")
            }
        }

        @Test func aPhoneBeginsOfflineAndCompletesLater() async throws {
            try await story { town in
                let invitation = try await town.invitation("测试员甲")
                town.network.cut()
                let phone = try await town.newPhone()
                let enrol = EnrolModel(phone.workbook)
                enrol.send(.scan(invitation))
                try await shows(enrol) { $0.step == .confirm }
                enrol.send(.beginOffline(label: "测试机"))
                let begun = try await shows(enrol) { $0.step == .begun && !$0.busy }
                #expect(begun.message?.key == "app.joining")
                _ = try await phone.household("3-1-501")
                enrol.send(.complete)
                let offline = try await shows(enrol) { $0.problem != nil && !$0.busy }
                #expect(offline.problem?.message.key == "error.offline")
                town.network.mend()
                enrol.send(.complete)
                #expect(try await shows(enrol) { $0.step == .enrolled && !$0.busy }.problem == nil)
                #expect(try await phone.unsent() == 0)
            }
        }
    }
}
