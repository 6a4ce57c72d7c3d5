internal import Glibc
internal import Logging

/// How many files and sockets the process may have open.
enum DescriptorLimit {
    /// What a host may take: two for its connection, one more over ssh or libssh, one while it is being looked for.
    static let perHost = 4

    /// What the service takes for itself: the bus, the journal, the admin socket, the logs.
    static let own = 64

    /// Raises the soft limit to the hard one.
    ///
    /// Call once, before the first connection.
    static func raise() {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(resource, &limit)
    }

    /// How many there may be just now.
    static var current: UInt {
        var limit = rlimit()
        return getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 ? UInt(limit.rlim_cur) : .max
    }

    /// Says when a limit is too low for so many hosts; `nil` when it is not.
    ///
    /// The hosts that find no room are told as down; the service itself keeps enough to go on.
    static func warning(for hosts: Int, limit: UInt = Self.current) -> String? {
        let needed = hosts * perHost + own
        guard limit < needed else { return nil }
        return "\(limit) file descriptors are too few for \(hosts) hosts, which may take \(needed); raise LimitNOFILE= "
            + "of the unit"
    }

    /// Logs that, when it is so: at the start and after each reload.
    static func warn(for hosts: Int, logger: Logger) {
        guard let warning = warning(for: hosts) else { return }
        logger.warning("Too few file descriptors", metadata: ["warning": "\(warning)"])
    }
}
