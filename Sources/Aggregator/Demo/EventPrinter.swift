internal import SaltBus

/// Prints events as the bus would get them: a table for people, JSON lines for programs.
struct EventPrinter: Sendable {
    enum Style: Sendable {
        case table
        case jsonLines
    }

    let style: Style
    let write: @Sendable (String) -> Void

    /// The table's head; nothing for programs.
    func printHead() {
        guard style == .table else { return }
        write(Self.bold + Self.row("TIME", "HOST", "EVENT", "WHAT", "OBJECT") + Self.plain + "\n")
    }

    /// Prints one event, `tag "\n\n" map`; bytes that are none are said to be none.
    func print(_ event: [UInt8]) {
        guard let (tag, data) = Self.taken(apart: event) else { return write("not an event\n") }
        switch style {
        case .jsonLines:
            write(OrderedJSON.text(of: .fields([DataField("tag", tag), DataField("data", data)])) + "\n")
        case .table:
            write(Self.line(tag: tag, data: data))
        }
    }

    private static func taken(apart event: [UInt8]) -> (tag: String, data: MessagePackValue)? {
        let newline = UInt8(ascii: "\n")
        guard let end = zip(event, event.dropFirst()).enumerated().first(where: { $1 == (newline, newline) })?.offset,
            let data = try? MessagePackDecoder.decode(Array(event[(end + 2)...]))
        else { return nil }
        return (String(decoding: event[..<end], as: UTF8.self), data)
    }

    private static func line(tag: String, data: MessagePackValue) -> String {
        let kind = tag.split(separator: "/").suffix(2).joined(separator: "/")
        let object = String(kind.prefix { $0 != "/" })
        let subject = data[object]?["name"]?.text ?? data[object]?["uuid"]?.text ?? ""
        let observed = data["relay"]?["observed"]?.text ?? ""
        let time = observed.drop { $0 != "T" }.dropFirst().prefix(12)
        let detail = [data["event"], data["detail"], data["type"], data["reason"], data["cause"], data["doubt"]]
            .compactMap { $0?.text }
            .filter { $0 != "unknown" }
        let color =
            switch (object, data["event"]?.text) {
            case ("host", "down"), (_, "stopped"): red
            case ("host", "gap"), ("host", "degraded"), ("host", "flapping"): yellow
            case ("host", _), (_, "started"), (_, "resumed"): green
            case ("aggregator", _): cyan
            default: ""
            }
        let host = data["host"]?.text ?? "-"
        let text = row(
            String(time),
            host.printable,
            kind.printable,
            detail.joined(separator: ", ").printable,
            subject.printable
        )
        return color + text + plain + "\n"
    }

    private static func row(_ columns: String...) -> String {
        let widths = [14, 8, 24, 24, 0]
        return zip(columns, widths).map { text, width in
            text + String(repeating: " ", count: max(width == 0 ? 0 : 1, width - text.count))
        }.joined()
    }

    private static let bold = "\u{1B}[1m"
    private static let red = "\u{1B}[31m"
    private static let green = "\u{1B}[32m"
    private static let yellow = "\u{1B}[33m"
    private static let cyan = "\u{1B}[36m"
    private static let plain = "\u{1B}[0m"
}

extension MessagePackValue {
    fileprivate var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }
}
