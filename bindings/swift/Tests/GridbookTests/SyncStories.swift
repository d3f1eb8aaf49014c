import Foundation
import Gridbook
import GridbookTown
import Testing

extension Stories {
    /// Exchanges that do not come to their end.
    @Suite struct SyncStories {
        @Test func cancelInMidSync() async throws {
            try await story { town in
                let phone = try await town.phone("测试员甲")
                let household = try await phone.household("3-1-501")
                for number in 1...20 { _ = try await phone.visit(household.id, note: "第\(number)次") }
                let server = phone.workbook.server
                let network = town.network

                // The task is cancelled, as when its screen goes away.
                network.hold()
                let first = Task { try await server.sync() }
                try await network.awaitRequest()
                var progress = server.progress.makeAsyncIterator()
                #expect(await progress.next() == SyncProgress(sent: 0, unsent: 21, received: 0, remaining: 0))
                first.cancel()
                try await cancelled(first)
                #expect(try await phone.unsent() == 21)

                // It is cancelled before the exchange has begun, which the core does not hear of by itself.
                let late = Task {
                    withUnsafeCurrentTask { $0?.cancel() }
                    return try await server.sync()
                }
                try await cancelled(late)

                // The button is tapped while another part of the app waits for the exchange.
                network.cut()
                network.release()
                network.mend()
                network.hold()
                let second = Task { try await server.sync() }
                try await network.awaitRequest()
                server.cancel()
                try await cancelled(second)
                network.cut()
                network.release()
                network.mend()

                let report = try await server.sync()
                #expect(report.sent == 21)
                #expect(try await phone.unsent() == 0)
            }
        }

        @Test func ofTwoExchangesTheSecondWaitsAndEachTellsOfItsOwn() async throws {
            try await story { town in
                let phone = try await town.phone("测试员甲")
                _ = try await phone.visit(try await phone.household("3-1-501").id)
                let server = phone.workbook.server
                town.network.hold()
                let first = Task { try await server.sync() }
                try await town.network.awaitRequest()
                let begun = SyncProgress(sent: 0, unsent: 2, received: 0, remaining: 0)
                func now() async -> SyncProgress?? {
                    var progress = server.progress.makeAsyncIterator()
                    return await progress.next()
                }
                #expect(await now() == begun, "it says where it begins")
                let second = Task { try await server.sync() }
                let third = Task { try await server.sync() }
                // Time for both to come to the core: a wrong layer would tell of them by then.
                try await Task.sleep(for: .milliseconds(100))
                #expect(await now() == begun, "who waits tells nothing")
                second.cancel()
                try await cancelled(second)
                #expect(await now() == begun, "the end of one that only waited ends nothing")

                town.network.release()
                #expect(try await first.value.sent == 2, "the other's end did not stop it")
                #expect(try await third.value.sent == 0, "nothing is sent twice")
                #expect(await now() == .some(nil))
            }
        }

        @Test func refusedAndTaken() async throws {
            try await story { town in
                let phone = try await town.phone("测试员甲")
                var visit = try await phone.visit(try await phone.household("3-1-501").id)
                let server = phone.workbook.server
                let records = phone.workbook.records
                _ = try await server.sync()
                // They may read from now on and write no more, but this phone has not heard of it yet.
                try await town.server("grant", "测试员甲", "auditor", Town.grid)
                try await town.server("revoke", "grant", "测试员甲", "worker", Town.grid)
                visit.content.note = "写在途中"
                _ = try await phone.workbook.visits.edit(visit)
                #expect(try await server.sync().refused == [visit.id])
                var status = try await server.status()
                #expect((status.refused, status.unsent) == (1, 0))
                #expect(try await records.refused().map(\.standing) == [.refused])
                #expect(try await records.refusals(visit.id) == ["not_permitted"])
                #expect(try await records.onPhone().isEmpty)
                let id = visit.id
                let forbidden = try await failure { () async throws(GridbookError) in try await records.rescue(id) }
                guard case .NotPermitted = forbidden else { throw Unlike("\(forbidden)") }

                try await town.server("grant", "测试员甲", "worker", Town.grid)
                try await town.settle()
                status = try await server.status()
                #expect((status.refused, status.unsent) == (0, 0))
                #expect(try await records.get(id).standing == .onServer)
                let nothing = try await failure { () async throws(GridbookError) in try await records.rescue(id) }
                guard case .Invalid = nothing else { throw Unlike("\(nothing)") }
            }
        }

        /// The exchange ends as cancelled, without waiting for the network.
        private func cancelled(_ exchange: Task<SyncReport, any Error>) async throws {
            let began = ContinuousClock.now
            let ended = await exchange.result
            #expect(ContinuousClock.now - began < .seconds(2), "cancelling does not wait for the network")
            guard case .failure(let error) = ended, error as? GridbookError == .Cancelled else {
                throw Unlike("\(ended)")
            }
        }
    }
}
