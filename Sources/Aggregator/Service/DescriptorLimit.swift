internal import Glibc
internal import Logging

/// How many files and sockets the process may have open.
enum DescriptorLimit {
    /// What a host may take: two for its connection, one more over ssh, one while it is being looked for.
    static let perHost = 4

    /// What the service takes for itself: the bus, the journal, the admin socket, the logs.
    static let own = 64

    /// Raises the soft limit to the hard one, and says when that is too low for these hosts.
    ///
    /// Call once, before the first connection. The hosts that find no room are told as down; the service itself keeps
    /// enough to go on.
    static func raise(for hosts: Int, logger: Logger) {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        getrlimit(resource, &limit)
        limit.rlim_cur = limit.rlim_max
        if setrlimit(resource, &limit) != 0 { getrlimit(resource, &limit) }
        let needed = hosts * perHost + own
        guard limit.rlim_cur < rlim_t(needed) else { return }
        logger.warning(
            "Too few file descriptors for these hosts; raise LimitNOFILE= of the unit",
            metadata: ["limit": "\(limit.rlim_cur)", "needed": "\(needed)", "hosts": "\(hosts)"]
        )
    }
}
