import Gridbook

/// What screens say in place of a person whom this phone does not know.
public let someone = Message(Keys.someone)

extension Directory {
    /// A person's name on screens; `nil` if this phone does not know them (``someone``).
    func name(of person: PersonId?) -> String? {
        people.first { $0.id == person }?.name
    }

    /// A scope's name on screens; its id where the phone has no name for it.
    func name(ofScope scope: ScopeId) -> String {
        scopes.first { $0.id == scope }?.name ?? scope
    }
}

extension Household {
    /// Its address as it is written; empty where it has none.
    var address: String {
        dwelling.flatMap { try? writeDwelling(dwelling: $0) } ?? ""
    }
}

extension Households {
    /// The address of a household; `nil` if it went to another grid since.
    func address(_ household: RecordId) async throws(GridbookError) -> String? {
        do throws(GridbookError) {
            return try await get(household).content.address
        } catch {
            if case .NotFound = error { return nil }
            throw error
        }
    }
}

/// A grid to choose from.
public struct GridLine: Sendable, Equatable {
    /// The grid.
    public let id: ScopeId
    /// Its name on screens.
    public let name: String
}

extension Workbook {
    /// The grids among which a form of `kind` has to ask; none where there is nothing to choose.
    nonisolated func gridsToChoose(_ kind: Kind) async throws(GridbookError) -> [GridLine] {
        let grids = try await people.grids(kind)
        guard grids.count > 1 else { return [] }
        let names = try await people.directory()
        return grids.map { GridLine(id: $0, name: names.name(ofScope: $0)) }
    }
}
