internal import GRDB
internal import Synchronization

/// What is on a disk that has failed, and cannot be read either.
extension Spool {
    /// The position of the last record that is on the disk, while later ones are in memory; else `nil`.
    ///
    /// Any thread, at once.
    package var lastOnDisk: Int64? { state.withLock { $0.memory == nil ? nil : $0.lastOnDisk } }

    /// Gives up what waits on a disk that has failed, and cannot be read; once it can, it is noted what that was.
    ///
    /// - Parameters:
    ///   - position: Up to here everything is settled.
    ///   - hosts: Those of which anything may be missing from now on.
    /// - Returns: ``lastOnDisk``; when that is `nil`, nothing is given up.
    /// - Throws: ``SpoolError`` with code `failed`; then nothing is.
    package func giveUpUnread(after position: Int64, of hosts: [GivenUp]) throws(SpoolError) -> Int64? {
        try delivery.withLock { _ throws(SpoolError) in
            let (memory, last) = state.withLock { ($0.memory?.database, $0.lastOnDisk) }
            guard let memory else { return nil }
            try Self.perform("note what was given up", on: memory) { try $0.insert(hosts) }
            state.withLock { $0.unread = min(position, $0.unread ?? position) }
            return last
        }
    }

    /// Notes on the disk what it was that had to be given up unread.
    func noteUnread(in db: Database, through last: Int64) throws {
        guard let unread = state.withLock(\.unread) else { return }
        // A few at a time: each names all the objects of its range.
        for first in stride(from: unread + 1, through: last, by: 512) {
            try db.noteGivenUp(first...min(first + 511, last))
        }
    }
}
