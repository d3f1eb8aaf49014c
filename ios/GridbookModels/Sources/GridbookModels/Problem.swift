import Gridbook

/// What went wrong, in words that say what to do. Nothing is lost by it.
public struct Problem: Sendable, Equatable {
    /// The words.
    public let message: Message
    /// With ``field``: the field to mark, as `docs/DATA.md` names it; `nil` where the whole screen is meant.
    public let kind: Kind?
    /// The field to mark.
    public let field: String?
    /// What the screen should offer, where there is more to do than to try again.
    public let action: Action?

    init(_ message: Message, kind: Kind? = nil, field: String? = nil, action: Action? = nil) {
        self.message = message
        self.kind = kind
        self.field = field
        self.action = action
    }

    init(_ key: String, action: Action? = nil) {
        self.init(Message(key), action: action)
    }
}

/// Where a problem leads.
public enum Action: Sendable {
    /// To the screen that scans an invitation.
    case enrol
    /// To the guard: it begins anew, and the workbook that it then opens takes an invitation.
    case beginAnew
    /// To the guard, which opens the workbook again once it is closed: that saves what can be read of a damaged database.
    case reopen
    /// To the guard: it asks for the PIN, or unlocks with a network.
    case unlock
    /// To the sync screen.
    case sync
    /// To the page where the app is updated.
    case update
}

extension Problem {
    /// The problem that a failed call is to the person.
    init(_ error: GridbookError) {
        switch error {
        case .NotEnrolled: self.init(Keys.notEnrolled, action: .enrol)
        case .Locked(let reason): self.init(reason == .lease ? Keys.leaseOver : Keys.pinLocked, action: .unlock)
        case .PinNeeded: self.init(Keys.pinNeeded, action: .unlock)
        case .PinWrong(let left): self.init(Message(Keys.pinWrong, ["n": left]), action: .unlock)
        case .PinWait(let seconds): self.init(Message(Keys.pinWait, ["n": seconds]), action: .unlock)
        case .BadPin(let rule): self.init(rule.asked)
        case .WrongKey: self.init(Keys.wrongKey)
        case .NewerSchema: self.init(Keys.newerSchema, action: .update)
        case .DiskFull: self.init(Keys.diskFull)
        case .Damaged: self.init(Keys.damaged, action: .reopen)
        case .Offline: self.init(Keys.offline)
        case .TryLater(_, let seconds): self.init(Message(Keys.wait, ["n": seconds]))
        case .Refused(let code): self.init("\(Section.phoneRefusal).\(code)")
        case .BadInvitation(let rule): self.init(rule.asked)
        case .Revoked: self.init(Keys.withdrawn, action: .sync)
        case .Wiped: self.init(Keys.wiped, action: .beginAnew)
        case .Invalid(let kind, let field, let rule):
            self.init(rule.asked, kind: kind, field: field)
        case .NotPermitted: self.init(Keys.notPermitted)
        case .Voided: self.init(Keys.voided)
        case .NotFound: self.init(Keys.notFound, action: .sync)
        case .Ambiguous: self.init(Keys.ambiguous)
        case .BadRoster(let rule): self.init(rule.asked)
        case .Cancelled: self.init(Keys.cancelled)
        case .Unexpected(let code): self.init("\(Section.error).\(code)")
        }
    }
}
