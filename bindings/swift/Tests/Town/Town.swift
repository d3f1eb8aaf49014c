import Foundation
import Gridbook

/// A community with its own server process on a free port, behind a network that a test can cut. One story has it, and
/// asks it for one thing at a time.
public final class Town: @unchecked Sendable {
    public static let grid = "第一网格"

    public let network: Network
    private let folder: URL
    private let serving: Running
    private var phones: [Phone] = []

    init() async throws {
        folder = try scratch("town")
        _ = try await Self.server(in: folder, ["init", "--community", "虚构社区", "--grid", Self.grid])
        serving = try Running(Programs.server, Self.data(in: folder) + ["serve", "--listen", "127.0.0.1:0"])
        guard let line = await serving.line(), let port = line.split(separator: ":").last.flatMap({ UInt16($0) })
        else { throw Unlike("the server does not say where it listens") }
        network = try Network(to: port)
    }

    /// A person with a role, and their phone, enrolled.
    public func phone(
        _ name: String,
        role: String = "worker",
        scope: String = grid,
        in given: URL? = nil
    ) async throws -> Phone {
        let invitation = try await invitation(name, role: role, scope: scope)
        let phone = try await newPhone(in: given)
        try await phone.workbook.server.join(invitation, label: "测试机")
        return phone
    }

    /// A phone that has no place yet.
    public func newPhone(in given: URL? = nil) async throws -> Phone {
        let home = given ?? folder.appendingPathComponent("phone-\(phones.count)")
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        let phone = try await Phone(in: home)
        phones.append(phone)
        return phone
    }

    /// What the QR code reads that a new person with a role is given.
    public func invitation(_ name: String, role: String = "worker", scope: String = grid) async throws -> String {
        try await server("people", "add", name, "--role", role, "--scope", scope)
        let address = "http://127.0.0.1:\(network.port)"
        let answer = try await server("--json", "invite", name, "--server", address)
        return try JSONDecoder().decode(Invitation.self, from: Data(answer.utf8)).payload
    }

    /// Everyone exchanges until everyone has everything.
    public func settle() async throws {
        for _ in 1...2 {
            for phone in phones { _ = try await phone.workbook.server.sync() }
        }
    }

    func close() async {
        for phone in phones { await phone.close() }
        network.close()
        await serving.kill()
        try? FileManager.default.removeItem(at: folder)
    }

    /// A command of the administrator.
    @discardableResult
    public func server(_ arguments: String...) async throws -> String {
        try await Self.server(in: folder, arguments)
    }

    private static func server(in folder: URL, _ arguments: [String]) async throws -> String {
        let (status, said) = try await Running(Programs.server, data(in: folder) + arguments, errorsToo: true).finish()
        guard status == 0 else { throw Unlike("\(arguments): \(said)") }
        return said
    }

    private static func data(in folder: URL) -> [String] {
        ["--data", folder.appendingPathComponent("server").path]
    }

    private struct Invitation: Decodable {
        let payload: String
    }
}

/// A new folder.
public func scratch(_ name: String) throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("gridbook-\(name)-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
}
