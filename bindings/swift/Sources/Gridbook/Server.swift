import Foundation

/// The server: enrolling, exchanging, how the phone stands.
public struct Server: Sendable {
    let bridge: Bridge

    /// How far the exchange is that is under way, now and whenever it moves; `nil` while none is.
    public var progress: AsyncStream<SyncProgress?> { bridge.progress.stream(most: 1) }

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

    /// Sends everything that has no receipt and takes in everything that is new. Cancelling the task stops it at once,
    /// as ``cancel()`` does; what was committed is kept, and the next one goes on from there. ``progress`` moves with
    /// every page.
    ///
    /// - Throws: ``GridbookError/Offline(detail:)`` or ``GridbookError/TryLater(code:seconds:)`` where trying again
    ///   later is all there is to do; ``GridbookError/Refused(code:)``; ``GridbookError/NotEnrolled``;
    ///   ``GridbookError/Cancelled``.
    public func sync() async throws(GridbookError) -> SyncReport {
        bridge.progress.send(SyncProgress(sent: 0, unsent: 0, received: 0, remaining: 0))
        defer {
            bridge.progress.send(nil)
            bridge.tell(.sync)
        }
        let over = Locked(false)
        defer { over.with { $0 = true } }
        let result: Result<SyncReport, GridbookError> = await withTaskCancellationHandler {
            do {
                return .success(try await bridge.opened().sync(listener: Moving(bridge.progress)))
            } catch {
                return .failure(bridged(error))
            }
        } onCancel: {
            stop(until: over)
        }
        return try result.get()
    }

    /// Stops every exchange that is under way, whoever began it.
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

    /// A task's cancel never reaches the core, and one that comes before the exchange has begun there would be lost:
    /// so it is said until it was heard.
    private func stop(until over: Locked<Bool>) {
        cancel()
        Task.detached {
            while over.with({ over in
                if !over { cancel() }
                return !over
            }) {
                try? await Task.sleep(for: .milliseconds(10))
            }
        }
    }
}

/// Only hands on: the exchange waits for it.
private final class Moving: SyncListener {
    private let progress: Broadcast<SyncProgress?>

    init(_ progress: Broadcast<SyncProgress?>) {
        self.progress = progress
    }

    func progressed(progress: SyncProgress) {
        self.progress.send(progress)
    }
}
