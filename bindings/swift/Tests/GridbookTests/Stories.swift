import Foundation
import Gridbook
import Testing

/// The stories of docs/PHONES.md, each in a town of its own, one after the other: each has a server process.
@Suite(.serialized)
struct Stories {}

/// Tells a story in a town of its own.
func story(_ tell: (Town) async throws -> Void) async throws {
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
func failure<T>(_ work: () async throws(GridbookError) -> T) async throws -> GridbookError {
    do {
        throw Unlike("it went through: \(try await work())")
    } catch let expected as GridbookError {
        return expected
    }
}

/// A story cannot go on.
struct Unlike: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
