internal import ArgumentParser

/// Why a bench has no result.
struct BenchFailure: Error {
    let message: String
    let exit: CommandExit

    /// Says it on standard error.
    ///
    /// - Returns: What the command is to throw.
    func told() -> ExitCode {
        StandardError.write("error: \(message)\n")
        return exit.exitCode
    }
}
