import Gridbook

/// How far a phone is on its way to its place.
public enum EnrolStep: Sendable {
    /// An invitation is wanted.
    case scan
    /// An invitation was read: show whose it is, and ask.
    case confirm
    /// It works on the invitation alone, without a network; the next exchange completes it.
    case begun
    /// It has its place.
    case enrolled
}

/// Taking an invitation.
public struct EnrolState: ScreenState {
    /// `nil` until it is loaded.
    public internal(set) var step: EnrolStep?
    /// What the code that was scanned says.
    public internal(set) var invitation: InvitationPreview?
    /// The server is being asked.
    public internal(set) var busy = false
    /// Why the server did not give the place, on a phone that had begun without it.
    public internal(set) var refused: Message?
    /// What came of the last event.
    public internal(set) var message: Message?
    /// What went wrong with the last event, until the next one.
    public internal(set) var problem: Problem?
}

/// What a person does to enrol.
public enum EnrolEvent: Sendable {
    /// What a QR code or a typed code reads.
    case scan(String)
    /// Take the invitation; without a network the phone begins on it, where it is signed.
    case join(label: String)
    /// Begin without asking for a network.
    case beginOffline(label: String)
    /// Complete what was begun offline: exchange with the server.
    case complete
    /// Scan another one.
    case scanAgain
}

/// Enrol: scan, look, join; or begin offline and complete later.
public final class EnrolModel: ScreenModel<EnrolState, EnrolEvent> {
    private let workbook: Workbook
    // As it was scanned; secret, so it is not part of the state.
    private var code: String?

    /// Shows what `workbook` holds.
    public init(_ workbook: Workbook) {
        self.workbook = workbook
        super.init(EnrolState(), problem: \.problem)
        watch({ [workbook] in workbook.server.watchStatus() }) { [weak self] status in self?.stood(status) }
    }

    override func handle(_ event: EnrolEvent) {
        switch event {
        case .scan(let text): inTurn { [weak self] in try self?.read(text) }
        case .join(let label):
            take { [server = workbook.server] code in try await server.join(code, label: label) }
        case .beginOffline(let label):
            take { [server = workbook.server] code in _ = try await server.beginOffline(code, label: label) }
        case .complete: busy { [server = workbook.server] in _ = try await server.sync() }
        case .scanAgain:
            code = nil
            inTurn { [weak self, server = workbook.server] in self?.stood(try await server.status()) }
        }
    }

    private func read(_ text: String) throws {
        let invitation = try readInvitation(text: text)
        code = text
        show {
            $0.step = .confirm
            $0.invitation = invitation
            $0.message = nil
        }
    }

    private func take(_ join: @escaping @MainActor (String) async throws -> Void) {
        busy { [weak self, server = workbook.server] in
            guard let taken = self?.code else { return }
            try await join(taken)
            self?.code = nil
            // Taking a place is no edit of a record, so no stream tells of it.
            self?.stood(try await server.status())
        }
    }

    private func busy(_ work: @escaping Work) {
        guard !state.busy else { return }
        show { $0.busy = true }
        inTurn { [weak self] in
            defer { self?.show { $0.busy = false } }
            try await work()
        }
    }

    /// Shows how the phone stands, unless an invitation is being looked at.
    private func stood(_ status: PhoneStatus) {
        guard code == nil else { return }
        let (step, message): (EnrolStep, String) =
            if status.enrolment != nil { (.enrolled, Keys.enrolled) }
            else if status.joining != nil { (.begun, Keys.joining) }
            else { (.scan, Keys.scanInvitation) }
        show {
            $0.step = step
            $0.invitation = nil
            $0.refused = status.joining?.refused.map { Message("\(Section.phoneRefusal).\($0)") }
            $0.message = Message(message)
        }
    }
}
