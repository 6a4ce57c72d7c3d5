/// What ssh says when it fails, in one line and without what it shouts.
enum SSHWords {
    /// A changed host key comes in a frame of 900 characters, most of which are the same every time.
    private static let ballast = [
        "@", "IT IS POSSIBLE THAT SOMEONE", "Someone could be eavesdropping", "It is also possible that a host key",
        "Please contact your system administrator", "to get rid of this message",
    ]

    /// The message without line breaks and ballast.
    static func condensed(_ message: String) -> String {
        let lines = message.split(whereSeparator: \.isNewline)
        guard lines.count > 1 else { return message }
        // libvirt's own words stand before the first of ssh's, on the same line.
        let kept = lines.enumerated().compactMap { index, line in
            let text = line.drop(while: \.isWhitespace)
            if index == 0, let frame = text.firstRange(of: "@@@") { return String(text[..<frame.lowerBound]) }
            return ballast.contains { text.hasPrefix($0) } ? nil : String(text)
        }
        return kept.filter { !$0.isEmpty }.joined(separator: " ")
    }
}
