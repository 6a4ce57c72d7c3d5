internal import Glibc

/// Keeps hosts from taking the last file descriptors: the bus, the journal and the admin socket need some to come back
/// after a loss.
enum DescriptorReserve {
    /// Descriptors that no attempt begins to touch.
    static let size: Int32 = 48

    /// Throws when fewer than ``size`` are free.
    ///
    /// A look before each attempt, not a lock: many that begin at one moment may go below it, and give back what they took
    /// when they fail.
    ///
    /// The system always gives the lowest free number, so the number of a new descriptor tells how many are left at
    /// least.
    static func check() throws(EstablishFailure) {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        let fd = open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer { if fd >= 0 { close(fd) } }
        guard fd < 0 || rlim_t(fd) + rlim_t(size) > limit.rlim_cur else { return }
        throw EstablishFailure(
            .client,
            "\(limit.rlim_cur) file descriptors are too few for these hosts; raise LimitNOFILE= of the unit"
        )
    }
}
