internal import ArgumentParser
internal import Glibc

/// Where everything goes that is meant for people: log lines and diagnostics.
enum StandardError {
    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// Writes the text at once, so that lines of several threads never mix; what cannot be written is lost, for there is
    /// nowhere to say so.
    @Sendable static func write(_ text: String) {
        _ = writeAll(text, to: STDERR_FILENO)
    }
}

/// Where everything goes that was asked for.
enum StandardOutput {
    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Writes the text; `false` when nobody reads any more, as behind `| head`.
    static func write(_ text: String) -> Bool {
        writeAll(text, to: STDOUT_FILENO) == 0
    }

    /// Writes what a command was asked for.
    ///
    /// That nobody reads any more, as behind `| head`, is no failure.
    ///
    /// - Throws: The exit code of a failure when it cannot be written, as on a full disk; the reason goes to standard
    ///   error.
    static func print(_ text: String) throws {
        _ = try isRead(text)
    }

    /// Writes a part of it.
    ///
    /// - Returns: Whether somebody still reads.
    /// - Throws: As ``print(_:)`` does.
    static func isRead(_ text: String) throws -> Bool {
        let code = writeAll(text, to: STDOUT_FILENO)
        guard code != 0, code != EPIPE else { return code == 0 }
        StandardError.write("error: cannot write the output: \(String(cString: strerror(code)))\n")
        throw CommandExit.failed.exitCode
    }
}

/// The system's error number, or zero.
private func writeAll(_ text: String, to descriptor: Int32) -> Int32 {
    var text = text
    return text.withUTF8 { bytes in
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, UnsafeBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count > 0 { rest = rest.dropFirst(count) } else if errno != EINTR { return errno }
        }
        return 0
    }
}

/// Where an answer may come from.
enum StandardInput {
    static var isTerminal: Bool { isatty(STDIN_FILENO) == 1 }
}
