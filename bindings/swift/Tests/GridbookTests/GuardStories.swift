import Foundation
import Gridbook
import GridbookTown
import Testing

extension Stories {
    /// What stands before a workbook: the app's own key store, the PIN, the end of a phone that was revoked.
    @Suite struct GuardStories {
        @Test func anAppsOwnVaultKeepsTheKey() async throws {
            let folder = try scratch("vault")
            defer { try? FileManager.default.removeItem(at: folder) }
            let path = folder.appendingPathComponent("workbook.db").path
            let vault = OwnVault()
            let draft = try await opened(path, vault) { workbook throws(GridbookError) in
                try await workbook.drafts.begin(.diary(DiaryEntry(text: "楼道灯坏了"))).id
            }
            #expect(!vault.secrets.isEmpty, "the key is in the app's vault")
            let stranger = try await failure { () async throws(GridbookError) in try await opened(path, OwnVault()) { _ in } }
            #expect(stranger == .WrongKey)

            // What the platform throws, and what nobody expected of it.
            for broken: any Error in [VaultError.Unavailable, Unlike("no key store")] {
                let failing = OwnVault(vault.secrets, fails: broken)
                let error = try await failure { () async throws(GridbookError) in try await opened(path, failing) { _ in } }
                #expect(error == .Unexpected(code: "vault"))
            }
            let kept = try await opened(path, vault) { workbook throws(GridbookError) in try await workbook.drafts.get(draft) }
            #expect(kept != nil, "nothing was lost by it")
        }

        @Test func keyInHardware() async throws {
            let folder = try scratch("hardware")
            defer { try? FileManager.default.removeItem(at: folder) }
            try await story { town in
                let path = folder.appendingPathComponent("workbook.db").path
                let vault = OwnVault()
                let key = OwnKey(in: folder)
                let workbook = try await Guard.of(path: path, vault: vault, key: key).open()
                try await workbook.server.join(try await town.invitation("测试员甲"), label: "测试机")
                let home = Household(dwelling: try readDwelling(text: "3-1-501"), class: "red")
                _ = try await workbook.households.save(home)
                #expect(try await workbook.server.sync().sent == 1)
                key.fails = VaultError.Unavailable
                let broken = try await failure { () async throws(GridbookError) in _ = try await workbook.server.sync() }
                #expect(broken == .Unexpected(code: "vault"))
                key.fails = nil
                await workbook.close()

                let copy = try await Guard.of(path: path, vault: OwnVault(vault.secrets)).open()
                let refused = try await failure { () async throws(GridbookError) in _ = try await copy.server.sync() }
                #expect(refused == .Refused(code: "bad_proof"))
                await copy.close()

                let again = try await Guard.of(path: path, vault: vault, key: key).open()
                try await town.server("dismiss", "测试员甲")
                #expect(try await again.server.sync().handedIn != nil)
                #expect(!key.exists, "the key goes with the phone's place")
                await again.close()
            }
        }

        @Test func pinAsked() async throws {
            try await story { town in
                let phone = try await town.phone("测试员甲")
                let household = try await phone.household("3-1-501").id
                await phone.close()
                let setting = try await phone.guardian()
                let open = try await setting.open()
                try await setting.setPin("271828")
                await open.close()
                let guardian = try await phone.guardian()
                let asked = try await failure { () async throws(GridbookError) in _ = try await guardian.open() }
                #expect(asked == .PinNeeded)
                let wrong = try await failure { () async throws(GridbookError) in _ = try await guardian.open(pin: "314159") }
                #expect(wrong == .PinWrong(left: 9))
                #expect(try await guardian.status().pin)
                #expect(try await guardian.status().triesLeft == 9)
                let workbook = try await guardian.open(pin: "271828")
                #expect(try await workbook.households.get(household).id == household)
                await workbook.close()
                #expect(try await guardian.status().triesLeft == 10)
            }
        }

        @Test func lockedAndUnlocked() async throws {
            try await story { town in
                let phone = try await town.phone("测试员甲")
                let household = try await phone.household("3-1-501").id
                _ = try await phone.workbook.server.sync()
                let visit = try await phone.visit(household, note: "没送出去").id
                await phone.close()
                // No clock can be moved from here: the lease in its vault is made one of no hours.
                let vault = phone.folder.appendingPathComponent("vault/guard")
                var kept = try String(contentsOf: vault, encoding: .utf8)
                let hours = try #require(kept.range(of: "65686f75727318")).upperBound
                kept.replaceSubrange(hours ..< kept.index(hours, offsetBy: 2), with: "00")
                try kept.write(to: vault, atomically: false, encoding: .utf8)
                let guardian = try await phone.guardian()
                #expect(try await guardian.status().lock == .lease)
                let locked = try await failure { () async throws(GridbookError) in _ = try await guardian.open() }
                #expect(locked == .Locked(reason: .lease))
                town.network.cut()
                let alone = try await failure { () async throws(GridbookError) in try await guardian.unlock() }
                guard case .Offline = alone else { throw Unlike("\(alone)") }
                town.network.mend()
                try await guardian.unlock()
                #expect(try await guardian.status().lock == nil)
                try await phone.reopen()
                #expect(try await phone.workbook.visits.get(visit).content.note == "没送出去")
                #expect(try await phone.workbook.server.sync().sent == 1)
            }
        }

        @Test func revokedAndWiped() async throws {
            try await story { town in
                let phone = try await town.phone("测试员甲")
                _ = try await phone.visit(try await phone.household("3-1-501").id)
                try await town.server("dismiss", "测试员甲")
                #expect(try await phone.workbook.server.sync().handedIn != nil)
                #expect(try await phone.workbook.server.status().phase == .wiped, "a screen can say so")
                let workbook = phone.workbook
                let gone = try await failure { () async throws(GridbookError) in _ = try await workbook.visits.list() }
                #expect(gone == .Wiped)
                #expect(try await town.server("box", "list").contains("测试员甲"), "what was not sent is in the lead's box")
                await phone.close()
                let guardian = try await phone.guardian()
                #expect(try await guardian.status().wiped)
                let shut = try await failure { () async throws(GridbookError) in _ = try await guardian.open() }
                #expect(shut == .Wiped)
                try await guardian.beginAnew()
                try await phone.reopen()
                let invitation = try await town.invitation("测试员乙")
                try await phone.workbook.server.join(invitation, label: "测试机")
                #expect(try await phone.workbook.server.status().phase == .working)
                #expect(try await phone.workbook.visits.list().items.isEmpty)
            }
        }

        private func opened<T: Sendable>(
            _ path: String,
            _ vault: OwnVault,
            _ work: @Sendable (Workbook) async throws(GridbookError) -> T
        ) async throws(GridbookError) -> T {
            let workbook = try await Guard.of(path: path, vault: vault).open()
            do throws(GridbookError) {
                let result = try await work(workbook)
                await workbook.close()
                return result
            } catch {
                await workbook.close()
                throw error
            }
        }
    }
}

/// What an app brings, without a platform; `fails` says how the key store does.
private final class OwnVault: KeyVault, @unchecked Sendable {
    private(set) var secrets: [String: Data]
    private let fails: (any Error)?

    init(_ secrets: [String: Data] = [:], fails: (any Error)? = nil) {
        self.secrets = secrets
        self.fails = fails
    }

    func load(name: String) throws -> Data? {
        if let fails { throw fails }
        return secrets[name]
    }

    func keep(name: String, secret: Data) throws {
        if let fails { throw fails }
        secrets[name] = secret
    }

    func forget(name: String) throws {
        if let fails { throw fails }
        secrets[name] = nil
    }
}

/// A key pair as the Secure Enclave has it, which OpenSSL makes, keeps in a file and signs with.
private final class OwnKey: HardwareKey, @unchecked Sendable {
    private let pair: URL
    private let message: URL
    var fails: (any Error)?

    init(in folder: URL) {
        pair = folder.appendingPathComponent("pair.pem")
        message = folder.appendingPathComponent("message")
    }

    var exists: Bool { FileManager.default.fileExists(atPath: pair.path) }

    func publicKey() throws -> Data {
        if !exists { _ = try openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", pair.path) }
        return try openssl("ec", "-in", pair.path, "-pubout", "-outform", "DER")
    }

    func sign(message text: Data) throws -> Data {
        if let fails { throw fails }
        try text.write(to: message)
        return try openssl("dgst", "-sha256", "-sign", pair.path, message.path)
    }

    func forget() throws {
        try FileManager.default.removeItem(at: pair)
    }

    private func openssl(_ arguments: String...) throws -> Data {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Unlike("openssl \(arguments)") }
        return said
    }
}
