import Glibc

/// How a process ended.
package enum ExitStatus: Sendable, Hashable {
    case exited(Int32)
    case killed(signal: Int32)

    package static let success = ExitStatus.exited(0)

    /// Looks at how a child ended and leaves it uncollected, so that its pid stays its own; nil while it runs.
    init?(ofEnded pid: pid_t) {
        var information = siginfo_t()
        guard waitid(P_PID, id_t(pid), &information, WEXITED | WNOHANG | WNOWAIT) == 0, information.si_signo == SIGCHLD
        else { return nil }
        let value = information._sifields._sigchld.si_status
        self = information.si_code == CLD_EXITED ? .exited(value) : .killed(signal: value)
    }
}
