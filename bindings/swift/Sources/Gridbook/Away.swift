import Dispatch
import Foundation

/// Where blocking calls run: the core waits for the disk, and Swift's own few threads must not.
private let blocking = DispatchQueue(label: "gridbook", attributes: .concurrent)

/// Runs `work` away from the caller's thread.
func away<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws(GridbookError) -> T {
    let result = await withCheckedContinuation { waiting in
        blocking.async { waiting.resume(returning: crossing(work)) }
    }
    return try result.get()
}

/// What a call across the bridge returns: it fails with a `GridbookError` and nothing else.
func crossing<T>(_ work: () throws -> T) -> Result<T, GridbookError> {
    do {
        return .success(try work())
    } catch {
        return .failure(bridged(error))
    }
}

/// The generated code throws a `GridbookError`. What else it throws may quote what was being worked on.
func bridged(_ error: any Error) -> GridbookError {
    error as? GridbookError ?? .Unexpected(code: "bridge")
}
