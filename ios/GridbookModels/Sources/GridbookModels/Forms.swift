import Gridbook

extension Draft {
    /// The visit in a draft; `nil` if it is of another kind, or of a version that this one cannot read.
    var visit: Visit? {
        if case .visit(let visit) = content { visit } else { nil }
    }

    /// The outreach in a draft.
    var outreach: Outreach? {
        if case .outreach(let outreach) = content { outreach } else { nil }
    }

    /// The diary entry in a draft.
    var entry: DiaryEntry? {
        if case .diary(let entry) = content { entry } else { nil }
    }
}

extension VisitRecord {
    /// The record as its draft begins.
    var drafted: AnyRecord {
        AnyRecord(
            id: id, scope: scope, header: header, created: created, updated: updated, standing: standing,
            conflicts: conflicts, version: version, content: .visit(content)
        )
    }
}

extension DiaryRecord {
    /// The record as its draft begins.
    var drafted: AnyRecord {
        AnyRecord(
            id: id, scope: scope, header: header, created: created, updated: updated, standing: standing,
            conflicts: conflicts, version: version, content: .diary(content)
        )
    }
}

extension OutreachRecord {
    /// The record as its draft begins.
    var drafted: AnyRecord {
        AnyRecord(
            id: id, scope: scope, header: header, created: created, updated: updated, standing: standing,
            conflicts: conflicts, version: version, content: .outreach(content)
        )
    }
}

extension Set {
    /// Takes in what is not in it, or throws out what is.
    mutating func toggle(_ element: Element) {
        if remove(element) == nil { insert(element) }
    }
}
