import Foundation

/// Stands before one workbook: it keeps the database's key in the platform's vault, asks for the PIN and holds the
/// lease. An app has one, for as long as it runs.
public struct Guard: Sendable {
    private let handle: GuardHandle

    /// The guard of the workbook in the file `path`, whose secrets are in the platform's `vault`. With a `key` in hardware
    /// the device signs with that; without one with a key that the vault keeps.
    public static func of(
        path: String,
        vault: any KeyVault,
        key: (any HardwareKey)? = nil
    ) async throws(GridbookError) -> Guard {
        try await away { Guard(handle: try GuardHandle(path: path, vault: vault, key: key)) }
    }

    /// A guard whose secrets lie in plain files of `vaultFolder`: for tests and desktops, never for a phone.
    public static func inFolder(path: String, vaultFolder: String) async throws(GridbookError) -> Guard {
        try await away { Guard(handle: try GuardHandle.inFolder(path: path, vaultFolder: vaultFolder)) }
    }

    /// How the phone stands: locked, wiped, with a PIN.
    public func status() async throws(GridbookError) -> GuardStatus {
        try await away { [handle] in try handle.status() }
    }

    /// Opens the workbook, making a new one on a new phone.
    ///
    /// - Throws: ``GridbookError/PinNeeded`` and the other errors of a PIN; ``GridbookError/Locked(reason:)`` until
    ///   ``unlock(pin:)``; ``GridbookError/WrongKey``, ``GridbookError/NewerSchema(found:known:)``,
    ///   ``GridbookError/Wiped``.
    public func open(pin: String? = nil) async throws(GridbookError) -> Workbook {
        try await away { [handle] in try Workbook(handle.open(pin: pin)) }
    }

    /// Asks the server for the key of a locked phone. It needs a network, and a cancelled task waits for its answer.
    public func unlock(pin: String? = nil) async throws(GridbookError) {
        do {
            try await handle.unlock(pin: pin)
        } catch {
            throw bridged(error)
        }
    }

    /// Sets a PIN of 6 to 12 digits, or with `nil` takes it away. The workbook must be open.
    public func setPin(_ pin: String?) async throws(GridbookError) {
        try await away { [handle] in try handle.setPin(pin: pin) }
    }

    /// Makes a wiped phone new again, for another invitation.
    public func beginAnew() async throws(GridbookError) {
        try await away { [handle] in try handle.beginAnew() }
    }
}
