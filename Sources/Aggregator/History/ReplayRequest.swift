internal import Connections
internal import Foundation

/// The body of a replay: `{"host": ["kvm01"], "since": "…", "rate": 50, "by": "alice", "dry_run": true}`, all of it
/// optional.
struct ReplayRequest: Sendable {
    /// Events per second.
    ///
    /// The default is 50: a master of the slowest kind takes several hundred.
    static let standardRate = 50
    static let rates = 1...10_000

    let selection: HistorySelection
    var rate = Self.standardRate
    var by: String?
    var isDryRun = false

    private static let keys = Vocabulary(
        words: ["host", "object", "kind", "domain", "since", "until", "rate", "by", "dry_run"]
    )

    /// - Parameter now: When it came.
    init(body: [UInt8], now: Timestamp) throws(AdminFailure) {
        var values: [String: Value] = [:]
        if !body.isEmpty {
            guard let object = try? JSONDecoder().decode([String: Value].self, from: Data(body)) else {
                throw .invalidBody(
                    "the body is no JSON object of texts, lists of texts, numbers and booleans",
                    hint: #"send an object, for example {"host": ["kvm01"], "since": "2h", "rate": 50}"#
                )
            }
            values = object
        }
        var texts = HistorySelection.Texts()
        for (key, value) in values.sorted(by: { $0.key < $1.key }) {
            guard Self.keys.words.contains(key) else {
                throw .invalidBody("\(key.quoted) is no key", hint: Self.keys.hint(for: key))
            }
            switch (key, value) {
            case (_, .nothing): break
            case ("host", .texts(let list)): texts.hosts = list
            case ("object", .texts(let list)): texts.objects = list
            case ("kind", .texts(let list)): texts.kinds = list
            case ("domain", .texts(let list)): texts.domains = list
            case ("since", .texts(let list)) where list.count == 1: texts.since = list[0]
            case ("until", .texts(let list)) where list.count == 1: texts.until = list[0]
            case ("by", .texts(let list)) where list.count == 1: by = try PauseRequest.name(list[0])
            case ("rate", .number(let number)) where Self.rates.contains(number): rate = number
            case ("rate", _):
                throw .invalidBody(
                    "rate is no number of events per second",
                    hint: "write a whole number from \(Self.rates.lowerBound) to \(Self.rates.upperBound)"
                )
            case ("dry_run", .flag(let flag)): isDryRun = flag
            case ("dry_run", _): throw .invalidBody("dry_run is true or false", hint: "write true or false")
            case ("since", _), ("until", _), ("by", _): throw .invalidBody("\(key) is a text", hint: "write one text")
            default: throw .invalidBody("\(key) is a list of texts", hint: #"write ["…"]"#)
            }
        }
        do throws(HistorySelection.Malformed) {
            selection = try HistorySelection(texts, now: now, zone: .current)
        } catch {
            throw .invalidBody(
                error.mistakes.map { "\($0): \($1.message)" }.joined(separator: "; "),
                hint: error.mistakes.map(\.value.hint).joined(separator: "; ")
            )
        }
    }

    /// What may stand in such a body.
    private enum Value: Decodable {
        case nothing
        case flag(Bool)
        case number(Int)

        /// One text is a list of one.
        case texts([String])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .nothing
            } else if let flag = try? container.decode(Bool.self) {
                self = .flag(flag)
            } else if let number = try? container.decode(Int.self) {
                self = .number(number)
            } else if let text = try? container.decode(String.self) {
                self = .texts([text])
            } else {
                self = .texts(try container.decode([String].self))
            }
        }
    }
}
