import Foundation

/// What a screen has under way. It is cancelled from wherever the screen's last reference goes, so it has a lock.
final class Tasks: @unchecked Sendable {
    private let lock = NSLock()
    private var underWay: [UUID: Task<Void, Never>] = [:]

    /// Begins work on the main actor. Work that must not keep its screen alive refers to it weakly.
    @MainActor @discardableResult
    func begin(_ work: @escaping @MainActor () async -> Void) -> Task<Void, Never> {
        let name = UUID()
        let task = Task {
            await work()
            self.remove(name)
        }
        // The task runs on this actor and so has not begun yet.
        lock.withLock { underWay[name] = task }
        return task
    }

    func cancel() {
        for task in lock.withLock({ Array(underWay.values) }) { task.cancel() }
    }

    private func remove(_ name: UUID) {
        _ = lock.withLock { underWay.removeValue(forKey: name) }
    }
}
