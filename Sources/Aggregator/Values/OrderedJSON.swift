internal import Connections
internal import SaltBus

/// JSON that keeps the order of keys, as events and schemas have one.
enum OrderedJSON {
    /// The value as JSON on one line, or with two blanks for each level.
    ///
    /// What could move a terminal's cursor or end a line is escaped. A number that JSON has no form for is null, and so is
    /// a binary.
    static func text(of value: MessagePackValue, indented: Bool = false) -> String {
        var text = ""
        write(value, to: &text, level: indented ? 0 : nil)
        return text
    }

    private static func write(_ value: MessagePackValue, to text: inout String, level: Int?) {
        switch value {
        case .bool(let value): text += value ? "true" : "false"
        case .int(let value): text += "\(value)"
        case .uint(let value): text += "\(value)"
        case .double(let value): text += value.isFinite ? "\(value)" : "null"
        case .string(let value): write(value, to: &text)
        case .array(let items):
            write(items, in: ("[", "]"), to: &text, level: level) { write($0, to: &$1, level: $2) }
        case .map(let entries):
            write(entries, in: ("{", "}"), to: &text, level: level) { entry, text, level in
                if case .string(let key) = entry.key { write(key, to: &text) } else { text += "null" }
                text += level == nil ? ":" : ": "
                write(entry.value, to: &text, level: level)
            }
        default: text += "null"
        }
    }

    private static func write<Item>(
        _ items: [Item],
        in brackets: (open: String, close: String),
        to text: inout String,
        level: Int?,
        _ body: (Item, inout String, Int?) -> Void
    ) {
        text += brackets.open
        for (index, item) in items.enumerated() {
            if index > 0 { text += "," }
            if let level { text += "\n" + String(repeating: "  ", count: level + 1) }
            body(item, &text, level.map { $0 + 1 })
        }
        if let level, !items.isEmpty { text += "\n" + String(repeating: "  ", count: level) }
        text += brackets.close
    }

    private static func write(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\t": text += "\\t"
            case _ where scalar.isControl:
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
