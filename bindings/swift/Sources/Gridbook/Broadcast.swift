import Foundation

/// Sends each element to every stream that was taken from it. A stream is taken by one reader.
final class Broadcast<Element: Sendable>: Sendable {
    private struct Readers {
        var open: [UUID: @Sendable (Element) -> Void] = [:]
        var finish: [UUID: @Sendable () -> Void] = [:]
        var latest: Element?
        var over = false
    }

    private let readers = Locked(Readers())
    /// A stream begins with the latest element.
    private let replays: Bool

    init(replays: Bool = false) {
        self.replays = replays
    }

    deinit {
        finish()
    }

    func send(_ element: Element) {
        let open = readers.with { readers in
            readers.latest = element
            return Array(readers.open.values)
        }
        for hear in open { hear(element) }
    }

    /// A stream of what is sent from now on and `concerns` its reader, who loses the oldest when `most` wait.
    func stream(
        most: Int,
        where concerns: @escaping @Sendable (Element) -> Bool = { _ in true }
    ) -> AsyncStream<Element> {
        let (stream, continuation) = AsyncStream.makeStream(of: Element.self, bufferingPolicy: .bufferingNewest(most))
        let name = UUID()
        continuation.onTermination = { [readers] _ in
            readers.with { readers in
                readers.open[name] = nil
                readers.finish[name] = nil
            }
        }
        let over = readers.with { readers in
            if replays, let latest = readers.latest { continuation.yield(latest) }
            readers.open[name] = { if concerns($0) { continuation.yield($0) } }
            readers.finish[name] = { continuation.finish() }
            return readers.over
        }
        if over { continuation.finish() }
        return stream
    }

    /// Ends every stream.
    func finish() {
        let finish = readers.with { readers in
            readers.over = true
            return Array(readers.finish.values)
        }
        for end in finish { end() }
    }
}
