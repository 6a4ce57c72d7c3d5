import Foundation
import Logging
import Synchronization
import Testing

@testable import Aggregator

@Suite struct LineLogHandlerTests {
    private final class Lines: Sendable {
        private let written = Mutex<[String]>([])
        var all: [String] { written.withLock(\.self) }
        func append(_ line: String) { written.withLock { $0.append(line) } }
    }

    private let lines = Lines()

    private func logger(_ format: LogFormat) -> Logger {
        Logger(label: "test") { [lines] _ in
            LineLogHandler(format: format, now: { Date(timeIntervalSince1970: 1_795_336_099) }, write: lines.append)
        }
    }

    @Test("text is one line with its data behind it, sorted")
    func text() {
        let logger = logger(.text(colored: false))
        logger.info("Host lost", metadata: ["reason": "eof", "host": "kvm01"])
        logger.warning("Slow", metadata: ["error": "a \"b\" c=d", "count": ""])
        logger.debug("below the level")
        #expect(
            lines.all == [
                "2026-11-22T08:28:19Z info  Host lost host=kvm01 reason=eof\n",
                "2026-11-22T08:28:19Z warning Slow count=\"\" error=\"a \\\"b\\\" c=d\"\n",
            ]
        )
    }

    @Test("colour marks the level alone")
    func color() {
        logger(.text(colored: true)).error("Down")
        #expect(lines.all == ["2026-11-22T08:28:19Z \u{1B}[31merror\u{1B}[0m Down\n"])
    }

    @Test("JSON is one object with the data beside the message")
    func json() throws {
        logger(.json).info("Host \"lost\"", metadata: ["host": "kvm\n01", "reason": "\\\u{1}\u{2028}"])
        let line = try #require(lines.all.first)
        #expect(
            line == #"{"time":"2026-11-22T08:28:19Z","level":"info","message":"Host \"lost\"","host":"kvm\u000a01","#
                + #""reason":"\\\u0001\u2028"}"# + "\n"
        )
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String]
        #expect(object?["host"] == "kvm\n01")
        #expect(object?["reason"] == "\\\u{1}\u{2028}")
    }

    @Test("no record is more than one line", arguments: [LogFormat.text(colored: false), .json])
    func hostile(format: LogFormat) {
        logger(format).info(
            "a\nb\r",
            metadata: ["k\n": "\u{1B}[2J\nx", "list": ["1\n", "2"], "map": ["x": "y\u{85}"]]
        )
        let line = lines.all.joined()
        #expect(line.unicodeScalars.filter { $0.properties.generalCategory == .control } == ["\n"])
        #expect(line.hasSuffix("\n"))
    }

    @Test("metadata of the logger, its provider and the record are laid over each other")
    func metadata() {
        var handler = LineLogHandler(format: .text(colored: false), now: { .distantPast }, write: lines.append)
        handler.metadataProvider = Logger.MetadataProvider { ["a": "2", "b": "2"] }
        handler.metadata = ["a": "1", "b": "1", "c": "1"]
        var logger = Logger(label: "test") { _ in handler }
        logger[metadataKey: "d"] = "1"
        logger.info("x", metadata: ["b": "3"])
        #expect(lines.all.first?.hasSuffix("x a=2 b=3 c=1 d=1\n") == true)
    }

    @Test("auto is text on a terminal, else JSON; colours are for terminals")
    func format() {
        #expect(LogFormat(.auto, isTerminal: true) == .text(colored: true))
        #expect(LogFormat(.auto, isTerminal: false) == .json)
        #expect(LogFormat(.text, isTerminal: false) == .text(colored: false))
        #expect(LogFormat(.json, isTerminal: true) == .json)
    }
}
