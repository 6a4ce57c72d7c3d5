internal import ArgumentParser

/// What the process tells its caller when it ends; the numbers are a contract with unit files and scripts.
enum CommandExit: Int32, Sendable {
    case ok = 0

    /// It ran and failed.
    case failed = 1

    /// The command line is wrong.
    case usage = 64

    /// Something needed is taken or away: a port, the lock of the spool, a host under `check --connect`.
    case unavailable = 69

    /// The configuration is wrong; starting again will not help.
    case configuration = 78

    /// The form ArgumentParser ends a command with.
    var exitCode: ExitCode { ExitCode(rawValue) }
}
