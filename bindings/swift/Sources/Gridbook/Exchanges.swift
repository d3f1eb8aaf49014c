import Foundation

/// How far the exchange is that has its turn. Each tells of its own: the end of one that only waited is not the end of
/// another.
final class Exchanges: Sendable {
    let progress = Broadcast<SyncProgress?>(replays: true)
    private let teller = Locked<ObjectIdentifier?>(nil)

    init() {
        progress.send(nil)
    }

    fileprivate func told(_ now: SyncProgress, by telling: Telling) {
        teller.with { teller in
            teller = ObjectIdentifier(telling)
            progress.send(now)
        }
    }

    fileprivate func ended(_ telling: Telling) {
        teller.with { teller in
            guard teller == ObjectIdentifier(telling) else { return }
            teller = nil
            progress.send(nil)
        }
    }
}

/// What one exchange tells of. Only hands on: the exchange waits for it.
final class Telling: SyncListener {
    private let exchanges: Exchanges

    init(_ exchanges: Exchanges) {
        self.exchanges = exchanges
    }

    func progressed(progress: SyncProgress) {
        exchanges.told(progress, by: self)
    }

    func end() {
        exchanges.ended(self)
    }
}
