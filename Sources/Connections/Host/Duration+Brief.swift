extension Duration {
    /// For log lines: seconds with milliseconds, as in `0.066s`.
    package var brief: String {
        let milliseconds = Int64(self / .milliseconds(1))
        let fraction = String(abs(milliseconds) % 1_000)
        let padding = String(repeating: "0", count: 3 - fraction.count)
        return "\(milliseconds / 1_000).\(padding)\(fraction)s"
    }
}
