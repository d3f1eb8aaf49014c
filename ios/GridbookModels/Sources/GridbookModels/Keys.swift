import Gridbook

/// The keys of `core/resources/words.toml` that models say by name. A test holds them to the table, both ways.
enum Keys {
    static let noTasks = "app.no_tasks"
    static let nothingWaits = "app.nothing_waits"
    static let waiting = "app.waiting"
    static let scanInvitation = "app.scan_invitation"
    static let joining = "app.joining"
    static let enrolled = "app.enrolled"
    static let synced = "app.synced"
    static let healed = "app.healed"
    static let quarantined = "app.quarantined"
    static let onServer = "app.on_server"
    static let noContact = "app.no_contact"
    static let erased = "app.erased"
    static let handedOver = "app.handed_over"
    static let scopeDropped = "app.scope_dropped"
    static let handedIn = "app.handed_in"
    static let rescued = "app.rescued"
    static let searchHint = "app.search_hint"
    static let unreadableDraft = "app.unreadable_draft"
    static let someone = "app.someone"

    static let noHouseholdsDue = "message.no_households_due"
    static let noRecords = "message.no_records"
    static let noRecordsToday = "message.no_records_today"
    static let noChecklists = "message.no_checklists"
    static let nothingFound = "message.nothing_found"
    static let saved = "message.saved"
    static let conflictChosen = "message.conflict_chosen"
    static let returned = "message.returned"
    static let recordVoided = "message.voided"
    static let draftFound = "message.draft_found"
    static let syncRefused = "sync.refused"

    static let invalid = "error.invalid"
    static let notFound = "error.no_such_record"
    static let voided = "error.voided"
    static let notPermitted = "error.not_permitted"
    static let notEnrolled = "error.not_enrolled"
    static let wrongKey = "error.wrong_key"
    static let newerSchema = "error.newer_schema"
    static let diskFull = "error.disk_full"
    static let damaged = "error.damaged"
    static let withdrawn = "error.withdrawn"
    static let wiped = "error.wiped"
    static let leaseOver = "error.lease_over"
    static let pinLocked = "error.pin_locked"
    static let pinNeeded = "error.pin_needed"
    static let pinWrong = "error.pin_wrong"
    static let pinWait = "error.pin_wait"
    static let offline = "error.offline"
    static let refused = "error.refused"
    static let cancelled = "error.cancelled"
    static let ambiguous = "error.ambiguous_id"
    static let unexpected = "error.unexpected"
    static let wait = "error.wait"
}

extension Kind {
    /// What screens call a kind of record.
    public func named() -> Message { Message("kind.\(code(self))") }
}

extension Standing {
    /// What screens say of how far a record has travelled.
    public func named() -> Message {
        switch self {
        case .onPhone: Message("standing.on_phone")
        case .onServer: Message("standing.on_server")
        case .reviewed: Message("standing.reviewed")
        case .refused: Message("standing.refused")
        }
    }
}

extension DueReason {
    /// What screens say of why a household is due.
    public func named() -> Message { Message("due_reason.\(code(self))") }
}

extension Phase {
    /// What screens say of how a phone stands.
    public func named() -> Message { Message("phase.\(code(self))") }
}

/// A case's name as the table writes it: `neverVisited` is `never_visited`.
private func code(_ value: some Any) -> String {
    String(describing: value).reduce(into: "") { code, letter in
        code += letter.isUppercase ? "_\(letter.lowercased())" : String(letter)
    }
}
