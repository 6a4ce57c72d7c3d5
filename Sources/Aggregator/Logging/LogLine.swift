internal import Connections
internal import Logging

/// One log record as it is written.
struct LogLine {
    /// As ISO 8601 in UTC, for example `2026-11-22T08:28:19Z`.
    let time: String
    let level: Logger.Level
    let message: String

    /// Names and values, in the order they are written.
    let metadata: [(name: String, value: String)]

    /// The line with its line break; nothing in the record can break it in two.
    func rendered(as format: LogFormat) -> String {
        switch format {
        case .text(let colored): text(colored: colored) + "\n"
        case .json: json + "\n"
        }
    }

    private func text(colored: Bool) -> String {
        let word = level.rawValue + String(repeating: " ", count: max(0, 5 - level.rawValue.count))
        let shown = colored ? "\u{1B}[\(level.color)m\(word)\u{1B}[0m" : word
        let pairs = metadata.map { " \($0.name.printable)=\(Self.quotedIfNeeded($0.value))" }
        return "\(time) \(shown) \(message.printable)\(pairs.joined())"
    }

    private var json: String {
        let pairs =
            [("time", time), ("level", level.rawValue), ("message", message)]
            + metadata.map { ($0.name, $0.value) }
        return "{" + pairs.map { "\(Self.literal($0)):\(Self.literal($1))" }.joined(separator: ",") + "}"
    }

    /// The value as it is, or in quotes where it would not be told from what stands around it.
    private static func quotedIfNeeded(_ value: String) -> String {
        let isPlain = !value.isEmpty && !value.contains { $0 == " " || $0 == "\"" || $0 == "=" || $0 == "\\" }
        if isPlain { return value.printable }
        let escaped = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return "\"\(escaped.printable)\""
    }

    /// The text as a JSON string.
    private static func literal(_ text: String) -> String {
        var literal = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": literal += "\\\(scalar)"
            case _ where scalar.isControl:
                let digits = String(scalar.value, radix: 16)
                literal += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: literal.unicodeScalars.append(scalar)
            }
        }
        return literal + "\""
    }
}

extension Logger.Level {
    /// The SGR parameter of the colour a terminal shows the level in.
    fileprivate var color: String {
        switch self {
        case .trace, .debug: "2"
        case .info, .notice: "32"
        case .warning: "33"
        case .error, .critical: "31"
        }
    }
}
