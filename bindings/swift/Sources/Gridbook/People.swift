import Foundation

/// Whose phone it is, what that person may do, and the names it knows.
public struct People: Sendable {
    let bridge: Bridge

    /// Whose phone it is or is going to be.
    public func person() async throws(GridbookError) -> PersonId? {
        try await bridge.call { try $0.person() }
    }

    /// What the person may do where, as of the last exchange.
    public func grants() async throws(GridbookError) -> [Grant] {
        try await bridge.call { try $0.grants() }
    }

    /// What the person may do where, again after every change.
    public func watchGrants() -> AsyncThrowingStream<[Grant], any Error> {
        bridge.watch { try $0.grants() }
    }

    /// What the person may do with records of `kind` in `scope`, as of the last exchange: offer nothing else.
    public func permitted(in scope: ScopeId, _ kind: Kind) async throws(GridbookError) -> Set<RecordAction> {
        try await bridge.call { Set(try $0.permitted(scope: scope, kind: kind)) }
    }

    /// The grids in which the person may write records of `kind`: a form asks which one where there are several.
    public func grids(_ kind: Kind) async throws(GridbookError) -> [ScopeId] {
        try await bridge.call { try $0.grids(kind: kind) }
    }

    /// The names that this phone knows.
    public func directory() async throws(GridbookError) -> Directory {
        try await bridge.call { try $0.directory() }
    }

    /// The names that this phone knows, again after every change.
    public func watchDirectory() -> AsyncThrowingStream<Directory, any Error> {
        bridge.watch { try $0.directory() }
    }
}
