internal import Glibc

/// Where everything goes that is meant for people: log lines and diagnostics.
enum StandardError {
    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// Writes the text at once, so that lines of several threads never mix; what cannot be written is lost, for there is
    /// nowhere to say so.
    @Sendable static func write(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            var written = 0
            while written < bytes.count {
                let count = Glibc.write(STDERR_FILENO, bytes.baseAddress.map { $0 + written }, bytes.count - written)
                if count > 0 { written += count } else if errno != EINTR { return }
            }
        }
    }
}
