import Foundation

/// The server: enrolling, exchanging, how the phone stands.
public struct Server: Sendable {
    let bridge: Bridge

    /// How far the exchange is that has its turn, now and whenever it moves; `nil` while none has.
    public var progress: AsyncStream<SyncProgress?> { bridge.exchanges.progress.stream(most: 1) }

    /// Takes an invitation as its QR code reads: trades it for this phone's place, or begins to work on it where there
    /// is no network and it is signed. ``status()`` tells which. A cancelled task waits for the server's answer.
    ///
    /// - Parameters:
    ///   - invitation: what the QR code says.
    ///   - label: what the administrator's list calls this phone.
    public func join(_ invitation: String, label: String) async throws(GridbookError) {
        do {
            try await bridge.opened().join(invitation: invitation, label: label)
        } catch {
            throw bridged(error)
        }
    }

    /// Begins to work on a signed invitation without asking for a network; the next ``sync()`` trades it.
    public func beginOffline(_ invitation: String, label: String) async throws(GridbookError) -> Joining {
        try await bridge.call { try $0.beginOffline(invitation: invitation, label: label) }
    }

    /// Sends everything that has no receipt and takes in everything that is new. Cancelling the task stops it at once;
    /// what was committed is kept, and the next one goes on from there. ``progress`` moves with every page. Another
    /// exchange of this workbook is waited for.
    ///
    /// - Throws: ``GridbookError/Offline`` or ``GridbookError/TryLater(code:seconds:)`` where trying again later is all
    ///   there is to do; ``GridbookError/Refused(code:)``; ``GridbookError/NotEnrolled``; ``GridbookError/Cancelled``.
    public func sync() async throws(GridbookError) -> SyncReport {
        let exchange = try crossing { try bridge.opened().exchange() }.get()
        let telling = Telling(bridge.exchanges)
        defer {
            telling.end()
            bridge.tell(.sync)
        }
        let result: Result<SyncReport, GridbookError> = await withTaskCancellationHandler {
            do {
                return .success(try await exchange.run(listener: telling))
            } catch {
                return .failure(bridged(error))
            }
        } onCancel: {
            // A task's cancel never reaches the core by itself.
            try? exchange.cancel()
        }
        return try result.get()
    }

    /// Stops the exchange that is under way and those that wait for their turn, whoever began them.
    public func cancel() {
        try? bridge.opened().cancelSync()
    }

    /// How the phone stands towards its server.
    public func status() async throws(GridbookError) -> PhoneStatus {
        try await bridge.call { try $0.status() }
    }

    /// How the phone stands, again after every change.
    public func watchStatus() -> AsyncThrowingStream<PhoneStatus, any Error> {
        bridge.watch(concerns: { _ in true }) { try $0.status() }
    }
}
