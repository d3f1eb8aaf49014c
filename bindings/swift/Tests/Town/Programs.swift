import Foundation

/// Programs that a story starts: the server's, and apps that are killed.
public enum Programs {
    /// Where cargo built the server.
    static let server = URL(fileURLWithPath: wanted("GRIDBOOK_PROGRAMS")).appendingPathComponent("gridbook-server")
    /// Where Swift built the tests' own programs.
    private static let own = URL(fileURLWithPath: wanted("GRIDBOOK_OWN_PROGRAMS"))
    /// The app that types and saves until it is killed.
    public static let doomed = own.appendingPathComponent("Doomed")
    /// The app in which someone types into a form until it is killed (ios/GridbookModels).
    public static let typist = own.appendingPathComponent("Typist")

    /// A small disk, where scripts/swift-toolchain.sh could make one.
    public static let smallDisk = ProcessInfo.processInfo.environment["GRIDBOOK_SMALL_DISK"].map { URL(fileURLWithPath: $0) }

    private static func wanted(_ name: String) -> String {
        guard let value = ProcessInfo.processInfo.environment[name] else {
            fatalError("\(name) is not set: run the tests with scripts/swift.sh test")
        }
        return value
    }
}

/// A program that was started, and the lines it says.
public final class Running: @unchecked Sendable {
    private let process = Process()
    private let output = Pipe()
    private var said = Data()

    public init(_ program: URL, _ arguments: [String], errorsToo: Bool = false) throws {
        process.executableURL = program
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("GRIDBOOK_") }
        process.standardOutput = output
        process.standardError = errorsToo ? output.fileHandleForWriting : FileHandle.nullDevice
        try process.run()
    }

    /// The next line, waiting for it; `nil` at the end.
    public func line() async -> String? {
        await blocking {
            while true {
                if let end = self.said.firstIndex(of: 10) {
                    let line = String(decoding: self.said[..<end], as: UTF8.self)
                    self.said = Data(self.said[(end + 1)...])
                    return line
                }
                let more = self.output.fileHandleForReading.availableData
                if more.isEmpty { return nil }
                self.said += more
            }
        }
    }

    /// Everything it says until it ends, and how it ends.
    public func finish() async -> (status: Int32, said: String) {
        await blocking {
            let said = self.output.fileHandleForReading.readDataToEndOfFile()
            self.process.waitUntilExit()
            return (self.process.terminationStatus, String(decoding: said, as: UTF8.self))
        }
    }

    /// Kills it as a system does that wants its memory.
    public func kill() async {
        await blocking {
            Foundation.kill(self.process.processIdentifier, SIGKILL)
            self.process.waitUntilExit()
        }
    }
}

/// Runs what waits away from Swift's own threads.
func blocking<T: Sendable>(_ work: @escaping @Sendable () -> T) async -> T {
    await withCheckedContinuation { waiting in
        DispatchQueue.global().async { waiting.resume(returning: work()) }
    }
}
