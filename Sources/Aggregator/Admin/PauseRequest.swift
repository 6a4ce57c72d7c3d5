internal import Connections

/// The body of a pause, `{"for": "2h", "by": "maintenance"}`, or of a resume, which has `by` alone; all of it optional.
struct PauseRequest: Equatable, Sendable {
    /// Up to ten years; who wants more leaves it out.
    static let longest = Duration.seconds(10 * 365 * 86_400)

    /// How many bytes the name of who asks may have.
    static let nameLimit = 128

    var duration: Duration?
    var by: String?

    /// Reads a body; an empty one says nothing.
    init(body: [UInt8], keys: [String]) throws(AdminFailure) {
        if body.isEmpty { return }
        let hint = #"send an object, for example {\#(keys.map { "\"\($0)\": \"…\"" }.joined(separator: ", "))}"#
        guard let values = JSONText.object(body) else {
            throw .invalidBody("the body is no JSON object of texts", hint: hint)
        }
        for (key, value) in values.sorted(by: { $0.key < $1.key }) {
            guard keys.contains(key) else {
                throw .invalidBody("\(key.quoted) is no key", hint: Vocabulary(words: keys).hint(for: key))
            }
            if key == "for" { duration = try Self.duration(value) } else { by = try Self.name(value) }
        }
    }

    private static func duration(_ text: String) throws(AdminFailure) -> Duration {
        do throws(MalformedValue) {
            return try ValueParser.duration(.seconds(1)...longest).parse(text)
        } catch {
            throw .invalidBody("for: \(error.message)", hint: error.hint)
        }
    }

    static func name(_ text: String) throws(AdminFailure) -> String {
        guard !text.isEmpty, text.utf8.count <= nameLimit else {
            throw .invalidBody("by has 1 to \(nameLimit) bytes", hint: "write a name")
        }
        return text.printable
    }

    /// Who asks: whose process it is, which nobody can make up, and then their own word for it.
    func author(peer: String?) -> String { Self.author(by, peer: peer) }

    static func author(_ by: String?, peer: String?) -> String {
        guard let by else { return peer ?? "somebody" }
        return peer == by ? by : "\(peer ?? "somebody"): \(by)"
    }
}
