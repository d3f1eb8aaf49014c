import Gridbook

/// What is on the phone, on the server, refused.
public struct SyncState: ScreenState {
    /// Nothing is known yet.
    public internal(set) var loading = true
    /// How the phone stands, in numbers; ``headline`` says it in words.
    public internal(set) var status: PhoneStatus?
    /// How the phone stands, in words.
    public internal(set) var headline: Message?
    /// What the server holds, in words; the status says when it last answered.
    public internal(set) var server: Message?
    /// Records that have no receipt yet, the latest written first.
    public internal(set) var onPhone: [AnyRecord] = []
    /// Records that the server did not take, and why.
    public internal(set) var refused: [RefusedLine] = []
    /// An exchange is under way; ``progress`` says how far.
    public internal(set) var running = false
    /// How far it is.
    public internal(set) var progress: SyncProgress?
    /// How the last exchange ended.
    public internal(set) var message: Message?
    /// What else came of it.
    public internal(set) var notes: [Message] = []
    /// What went wrong with the last event, until the next one.
    public internal(set) var problem: Problem?
}

/// A record that the server did not take, and what to do about it.
public struct RefusedLine: Sendable, Equatable {
    /// The record.
    public let record: AnyRecord
    /// Why the server did not take it.
    public let reasons: [Message]
}

/// What a person does on the sync screen.
public enum SyncEvent: Sendable {
    /// Exchange now.
    case start
    /// Stop; what has arrived is kept.
    case cancel
    /// Submit a refused record again, after its cause was seen to.
    case rescue(RecordId)
}

/// Sync: one exchange at a time, with its progress; leaving the screen stops it, and nothing is lost by that.
public final class SyncModel: ScreenModel<SyncState, SyncEvent> {
    private let workbook: Workbook
    private var exchange: Task<Void, Never>?

    /// The model over an open workbook.
    public init(_ workbook: Workbook) {
        self.workbook = workbook
        super.init(SyncState(), problem: \.problem)
        watch({ [workbook] in workbook.server.watchStatus() }) { [weak self, records = workbook.records] status in
            var refused: [RefusedLine] = []
            for record in try await records.refused() {
                refused.append(RefusedLine(record: record, reasons: try await records.reasons(record.id)))
            }
            let onPhone = try await records.onPhone()
            self?.show {
                $0.loading = false
                $0.status = status
                $0.headline = status.said
                $0.server = status.server
                $0.onPhone = onPhone
                $0.refused = refused
            }
        }
        watch({ [workbook] in workbook.server.progress }) { [weak self] progress in self?.show { $0.progress = progress } }
    }

    override func handle(_ event: SyncEvent) {
        switch event {
        case .start: start()
        case .cancel: cancel()
        case .rescue(let record):
            inTurn { [weak self, workbook] in
                _ = try await workbook.records.rescue(record)
                self?.show { $0.message = Message(Keys.rescued) }
            }
        }
    }

    private func start() {
        guard !state.running else { return }
        show {
            $0.running = true
            $0.message = nil
            $0.notes = []
        }
        exchange = beside { [weak self, workbook] in
            defer { self?.show { $0.running = false } }
            // The exchange may take a scope away, and its name with it.
            let names = try await workbook.people.directory()
            let report = try await workbook.server.sync()
            self?.show {
                $0.message = report.message
                $0.notes = report.notes(names)
            }
        }
    }

    private func cancel() {
        // One that another screen began; the own one may not have come to the core yet, where a cancel would be lost.
        workbook.server.cancel()
        guard state.running else { return }
        exchange?.cancel()
        say(Problem(Keys.cancelled))
    }
}

extension PhoneStatus {
    fileprivate var server: Message {
        contact == nil ? Message(Keys.noContact) : Message(Keys.onServer, ["n": onServer])
    }
}

extension SyncReport {
    fileprivate var message: Message {
        if let handedIn { return Message(Keys.handedIn, ["changes": handedIn.changes]) }
        return Message(Keys.synced, ["sent": sent, "received": received])
    }

    fileprivate func notes(_ names: Directory) -> [Message] {
        let counted = [
            refused.isEmpty ? nil : Message(Keys.syncRefused),
            healed == 0 ? nil : Message(Keys.healed, ["n": healed]),
            quarantined == 0 ? nil : Message(Keys.quarantined, ["n": quarantined]),
            erased.isEmpty ? nil : Message(Keys.erased, ["n": erased.count]),
            handedOver.isEmpty ? nil : Message(Keys.handedOver, ["n": handedOver.count]),
        ]
        return counted.compactMap { $0 } + dropped.map { Message(Keys.scopeDropped, ["scope": names.name(ofScope: $0)]) }
    }
}
