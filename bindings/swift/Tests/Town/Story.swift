import Gridbook

/// Tells a story in a town of its own.
public func story(
    isolation: isolated (any Actor)? = #isolation,
    _ tell: (Town) async throws -> Void
) async throws {
    let town = try await Town()
    do {
        try await tell(town)
    } catch {
        await town.close()
        throw error
    }
    await town.close()
}

/// What `work` fails with; throws if it does not.
public func failure<T>(_ work: () async throws(GridbookError) -> T) async throws -> GridbookError {
    do {
        throw Unlike("it went through: \(try await work())")
    } catch let expected as GridbookError {
        return expected
    }
}

/// A story cannot go on.
public struct Unlike: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}
