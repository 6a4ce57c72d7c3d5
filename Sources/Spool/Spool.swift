internal import Foundation
internal import GRDB
internal import Synchronization

/// The journal between hearing and sending, and the history behind it: what is appended here reaches the bus, through any
/// crash of ours, and can be looked up for as long as there is room.
///
/// SQLite in a folder that one process may use. All methods block for the time of a disk access; call them from a queue
/// that may, and from as many as you like: the database is used by one caller at a time.
///
/// What is settled (seen on the bus, or never to be sent) is one watermark and the exceptions beyond it.
package final class Spool: Sendable {
    /// What a committed append survives.
    package enum Durability: String, CaseIterable, Sendable {
        /// The death of the process, at any moment.
        case process
        /// That, and the loss of power: one `fsync` per commit.
        case power
    }

    struct State: Sendable {
        var disk: Store

        /// The file of that.
        var file: SpoolFile.Identity?

        /// The file in which something has met damage, that one or one that it was tried to return to.
        var doubted: SpoolFile.Identity?

        /// Where it was put on a way back that failed later on.
        var movedAside: String?

        /// Where new records go while the disk fails; see ``Spool+Memory``.
        var memory: Store?

        /// The position of the last record there is.
        var last: Int64

        /// The position of the last record on the disk, while others are in memory.
        var lastOnDisk: Int64 = 0

        /// What is on the disk after this was given up without having been read.
        var unread: Int64?

        /// What was noted on the disk then, as far as memory has it: what becomes of that is known in memory.
        var givenUpOnDisk: [GivenUp.Note] = []

        /// What a full disk allows for the pages in use; `nil` while it is not full.
        var ceiling: Int?

        /// Records that had to go for some that could not be appended after all: to be told with the next.
        var untold: [ClosedRange<Int64>] = []

        var begunAnew = 0
        var returns = 0

        /// As it was after the last append.
        var size: SpoolSize

        /// The database that new records go to.
        var current: DatabaseQueue { (memory ?? disk).database }
    }

    /// A database, and what those who write to it know of it.
    struct Store: Sendable {
        let database: DatabaseQueue
        var sweep = SpoolSweep()
        var known = KnownObjects()

        /// For a transaction that may fail; without what is then not true any more.
        mutating func take() -> Self {
            defer { known = KnownObjects() }
            return self
        }
    }

    /// Where a database that could not be read was put when this one was begun anew; `nil` when there was none.
    package let movedAside: String?

    /// Whether the disk had everything that the bus may have been told when a former run ended.
    ///
    /// `false` when that ended while records were in memory, or with the machine and not in order; then everything counts
    /// as ``GivenUp``.
    package let isWhole: Bool
    let limits: SpoolLimits
    let mark: SpoolMark
    let file: SpoolFile
    let reserve: SpoolReserve
    let state: Mutex<State>

    /// Held while what is known of the delivery is written, or taken from memory to the disk.
    let delivery = Mutex<Void>(())

    /// Held while pauses are stored, or the database that they are stored in is replaced by another one.
    let pausing = Mutex<Void>(())
    let lock: Mutex<SpoolLock>

    /// Opens the spool in a folder, which is made when missing; a database that is damaged is put aside, and one is begun
    /// anew.
    ///
    /// - Parameters:
    ///   - runDir: A folder that does not outlive the boot, made when missing, where it is noted that records are in memory:
    ///     a disk that breaks may keep what it had of that. The default is `nil`, and then that is taken for true.
    ///   - boot: Which boot of the machine this is. The default is its present one.
    /// - Throws: ``SpoolError`` with code `locked` or `unusable`.
    package init(
        folder: String,
        durability: Durability = .process,
        limits: SpoolLimits = SpoolLimits(),
        runDir: String? = nil,
        boot: String = Spool.thisBoot
    ) throws(SpoolError) {
        if !FileManager.default.fileExists(atPath: folder) {
            // What guests are called and do is nobody else's business.
            try? FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        }
        lock = Mutex(try SpoolLock(folder: folder))
        self.limits = limits
        file = SpoolFile(path: "\(folder)/spool.sqlite", durability: durability, limits: limits)
        reserve = SpoolReserve(path: "\(folder)/reserve", size: 2 * file.logLimit)
        let opened = try Self.open(file, reserve)
        movedAside = opened.movedAside
        if opened.movedAside != nil || opened.isUnfinished {
            // To read it takes room, too. What does not fit even so is lost with the rest.
            _ = reserve.release()
            let salvage = Salvage(path: opened.movedAside)
            if (try? salvage.save(in: opened.database, hasRoom: reserve.hasRoom)) != nil { file.forgetAside() }
        }
        let last = (try? opened.database.read { try $0.lastPosition() }) ?? opened.last
        mark = SpoolMark(folder: folder, runDir: runDir, boot: boot)
        // Releases that had no such file did not note hearing either.
        let isOld = (try? opened.database.read { try $0.hearings().isEmpty }) ?? true
        isWhole = mark.holds || isOld
        let isNoted = isWhole || (try? opened.database.write { try $0.noteEverythingGivenUp() }) != nil
        if isNoted { mark.make() }
        let size = SpoolSize(bytes: 0, limit: limits.bytes)
        let disk = Store(database: opened.database)
        state = Mutex(State(disk: disk, file: opened.identity, last: last, size: size))
        if !reserve.exists { reserve.make() }
        noteSize()
    }

    /// On a disk that is full SQLite cannot even open: then the reserve is given up for it.
    private static func open(_ file: SpoolFile, _ reserve: SpoolReserve) throws(SpoolError) -> SpoolFile.Opened {
        do throws(SpoolError) {
            return try file.open()
        } catch {
            guard reserve.release() else { throw error }
            return try file.open()
        }
    }

    /// Appends records and changes of state in one transaction, in order.
    ///
    /// When there is no more room, the oldest records go first: those that are settled, and then as
    /// ``SpoolLimits/whenFull`` says.
    ///
    /// - Throws: ``SpoolError`` with code `full` when the batch is what has to give way, or `failed`; then nothing of it is
    ///   in the spool.
    @discardableResult
    package func append(_ batch: SpoolBatch) throws(SpoolError) -> Appended {
        var appended = try noting { () throws(SpoolError) in try write(batch) }
        // Nobody else appends, so one transaction's positions follow each other.
        let first = appended.last - Int64(batch.records.count) + 1
        appended.events = batch.records.indices.map { SpooledEvent(batch.records[$0], at: first + Int64($0)) }
        return appended
    }

    private func write(_ batch: SpoolBatch) throws(SpoolError) -> Appended {
        if let memory = state.withLock({ $0.memory?.take() }) { return try append(batch, inMemory: memory) }
        do throws(SpoolError) {
            return try appendOnDisk(batch)
        } catch  where error.isDiskFull {
            giveUpReserve()
            return try appendOnDisk(batch)
        }
    }

    @discardableResult
    package func append(_ records: [SpoolRecord]) throws(SpoolError) -> Appended {
        try append(SpoolBatch(records: records))
    }

    private func appendOnDisk(_ batch: SpoolBatch) throws(SpoolError) -> Appended {
        if state.withLock({ $0.ceiling != nil }) { takeReserveBack() }
        var (disk, ceiling) = state.withLock { ($0.disk.take(), $0.ceiling) }
        var appended: Appended
        if let ceiling {
            try makeRoomOnFullDisk(batch.size, ceiling: ceiling, on: &disk)
            appended = try Self.perform("append", on: disk.database) { try $0.append(batch, known: &disk.known) }
        } else {
            appended = try Self.perform("append", on: disk.database) { db in
                try db.append(batch, within: self.pageBudget, whenFull: self.limits.whenFull, store: &disk)
            }
        }
        state.withLock { $0.disk = disk }
        guard !appended.isRefused else { throw .full }
        state.withLock { state in
            state.last = appended.last
            appended.removed = state.untold + appended.removed
            state.untold = []
        }
        noteSize(pages: appended.pageBytes)
        return appended
    }

    /// The position of the last record there is; 0 = there was none yet.
    package var last: Int64 { state.withLock(\.last) }

    /// How often a database was begun anew while the service ran, and not all could be read of the former one.
    ///
    /// Any thread, at once.
    package var begunAnew: Int { state.withLock(\.begunAnew) }

    /// How often records were brought from memory to the disk: what was noted there alone counts from then on.
    ///
    /// Any thread, at once.
    package var returns: Int { state.withLock(\.returns) }

    /// Runs `body` on the disk in one transaction.
    func perform<Value>(_ operation: String, _ body: (Database) throws -> Value) throws(SpoolError) -> Value {
        try Self.perform(operation, on: state.withLock(\.disk.database), body)
    }

    /// Runs `body` in one transaction; SQLite's error becomes ours.
    static func perform<Value>(
        _ operation: String,
        on database: DatabaseQueue,
        _ body: (Database) throws -> Value
    ) throws(SpoolError) -> Value {
        do {
            return try database.write(body)
        } catch {
            throw SpoolError(operation, error)
        }
    }

    /// Reads, which works on a disk that takes no writes, too.
    static func look<Value>(
        on database: DatabaseQueue,
        _ body: (Database) throws -> Value
    ) throws(SpoolError) -> Value {
        do {
            return try database.read(body)
        } catch {
            throw SpoolError("read", error)
        }
    }
}
