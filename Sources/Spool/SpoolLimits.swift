/// How large the spool may get, how long it remembers, and what gives way.
package struct SpoolLimits: Hashable, Sendable {
    /// What gives way when the room is used up by events that have not been sent.
    package enum WhenFull: String, CaseIterable, Sendable {
        /// The oldest of them.
        case dropOldest = "drop_oldest"

        /// Those that come now.
        case dropNewest = "drop_newest"
    }

    /// The bytes that the database may use, with what SQLite keeps beside it.
    ///
    /// The default is 1 GiB.
    package var bytes: Int

    /// How long what has been sent is kept.
    ///
    /// The default is seven days.
    package var age: Duration

    /// The default is to drop the oldest.
    package var whenFull: WhenFull

    package init(bytes: Int = 1 << 30, age: Duration = .seconds(7 * 86_400), whenFull: WhenFull = .dropOldest) {
        self.bytes = bytes
        self.age = age
        self.whenFull = whenFull
    }
}

/// How full the spool is.
package struct SpoolSize: Hashable, Sendable {
    /// Bytes in use, on the disk or in memory.
    package var bytes: Int

    /// Bytes there may be: of the settings, or what a full disk has left of that.
    package var limit: Int

    /// Whether the disk has no room for more than that.
    package var isDiskFull: Bool

    /// Whether the disk has failed, and new records are kept in memory.
    package var isInMemory: Bool

    /// Whether SQLite's log grows, since somebody reads the database without end; nothing bounds it then but the disk.
    package var isLogHeld: Bool

    package init(
        bytes: Int,
        limit: Int,
        isDiskFull: Bool = false,
        isInMemory: Bool = false,
        isLogHeld: Bool = false
    ) {
        self.bytes = bytes
        self.limit = limit
        self.isDiskFull = isDiskFull
        self.isInMemory = isInMemory
        self.isLogHeld = isLogHeld
    }
}
