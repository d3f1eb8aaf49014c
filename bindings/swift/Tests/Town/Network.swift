import Foundation

/// The way to a server on this machine; a test can cut it, or hold the answers back.
public final class Network: @unchecked Sendable {
    let port: UInt16
    private let door: Socket
    private let server: UInt16
    private let changed = NSCondition()
    private var cutOff = false
    private var held = false
    private var asked = false
    private var open: Set<Socket> = []

    init(to server: UInt16) throws {
        (door, port) = try Socket.listening()
        self.server = server
        Thread.detachNewThread { [self] in
            while let phone = door.accepted() { take(phone) }
            door.free()
        }
    }

    /// No phone reaches the server, and what was under way breaks off.
    public func cut() {
        update {
            cutOff = true
            for socket in open { socket.shut() }
        }
    }

    /// The network is back.
    public func mend() {
        update { cutOff = false }
    }

    /// Requests arrive, answers wait.
    public func hold() {
        update { (held, asked) = (true, false) }
    }

    /// Waits until a phone has sent something while answers are held back.
    public func awaitRequest() async throws {
        let began = ContinuousClock.now
        while !update({ asked }) {
            if ContinuousClock.now - began > .seconds(20) { throw Unlike("no phone asked") }
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    /// Answers go on their way.
    public func release() {
        update { held = false }
    }

    func close() {
        release()
        cut()
        door.shut()
    }

    @discardableResult
    private func update<T>(_ work: () -> T) -> T {
        changed.lock()
        defer {
            changed.broadcast()
            changed.unlock()
        }
        return work()
    }

    private func take(_ phone: Socket) {
        guard !update({ cutOff }), let far = try? Socket.connected(to: server) else {
            phone.shut()
            phone.free()
            return
        }
        update { open.formUnion([phone, far]) }
        let directions = DispatchGroup()
        pass(from: phone, to: far, directions) { self.update { self.asked = true } }
        pass(from: far, to: phone, directions) { self.awaitRelease() }
        Thread.detachNewThread { [self] in
            directions.wait()
            update { open.subtract([phone, far]) }
            phone.free()
            far.free()
        }
    }

    private func pass(from: Socket, to: Socket, _ directions: DispatchGroup, before: @escaping @Sendable () -> Void) {
        directions.enter()
        Thread.detachNewThread {
            while let bytes = from.received() {
                before()
                if !to.send(bytes) { break }
            }
            from.shut()
            to.shut()
            directions.leave()
        }
    }

    private func awaitRelease() {
        changed.lock()
        while held { changed.wait() }
        changed.unlock()
    }
}
