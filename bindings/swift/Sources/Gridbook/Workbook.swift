import Foundation

/// What one phone holds. An app opens one through its ``Guard``, keeps it as long as it runs, and closes it.
///
/// Its groups have one noun each. Functions that return records wait for the disk on threads of their own; when a save
/// returns, the record survives a power cut. Functions called `watch` return a stream that answers now and again after
/// every change; each stream has one reader, and ends when the workbook closes. Every call fails with a
/// ``GridbookError`` whose case says what the screen can do.
public actor Workbook {
    /// 户.
    public nonisolated let households: Households
    /// 走访.
    public nonisolated let visits: Visits
    /// 日记.
    public nonisolated let diary: Diary
    /// 反诈宣传.
    public nonisolated let outreach: OutreachLog
    /// 清单.
    public nonisolated let checklists: Checklists
    /// 阅评.
    public nonisolated let reviews: Reviews
    /// What has been begun and not saved.
    public nonisolated let drafts: Drafts
    /// Records of any kind: search, history, conflicts, withdrawing.
    public nonisolated let records: Records
    /// Whose phone it is, and the names it knows.
    public nonisolated let people: People
    /// The server: enrolling, exchanging, how the phone stands.
    public nonisolated let server: Server
    /// Set if the database was damaged when it was opened: where it was moved, and how much was saved.
    public nonisolated let salvage: SalvageReport?

    private let bridge: Bridge

    init(_ handle: WorkbookHandle) throws {
        let bridge = try Bridge(handle)
        households = Households(bridge: bridge)
        visits = Visits(bridge: bridge)
        diary = Diary(bridge: bridge)
        outreach = OutreachLog(bridge: bridge)
        checklists = Checklists(bridge: bridge)
        reviews = Reviews(bridge: bridge)
        drafts = Drafts(bridge: bridge)
        records = Records(bridge: bridge)
        people = People(bridge: bridge)
        server = Server(bridge: bridge)
        salvage = try handle.salvage()
        self.bridge = bridge
    }

    /// Opens a workbook with a raw key of 32 bytes, for those who keep it themselves; an app uses ``Guard/open(pin:)``.
    ///
    /// - Parameters:
    ///   - path: the database's file; made if there is none.
    ///   - key: 32 bytes.
    ///   - installNonce: 16 random bytes that are kept where backups do not reach.
    public static func open(
        path: String,
        key: Data,
        installNonce: Data? = nil
    ) async throws(GridbookError) -> Workbook {
        try await away { try Workbook(WorkbookHandle.open(path: path, key: key, installNonce: installNonce)) }
    }

    /// Every committed edit from now on. Whoever falls behind by hundreds loses the oldest.
    public nonisolated var changes: AsyncStream<RecordsChanged> { bridge.changes() }

    /// Stops an exchange that is under way and closes the database once the last call has returned.
    public func close() async {
        // The last handle closes the database, which waits for the disk.
        _ = try? await away { [bridge] in bridge.close() }
    }
}
