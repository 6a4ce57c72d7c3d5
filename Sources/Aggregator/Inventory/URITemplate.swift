internal import Connections

/// Where a host is, or where the hosts of a group are: a URI with `{name}` in the place of each one's name.
struct URITemplate: Sendable {
    static let placeholder = "{name}"

    /// How many bytes a template may have, as a URI.
    static let lengthLimit = 2048

    let text: String
    let position: Position

    /// The host or group it was written for, as messages name it.
    let owner: String
    let level: InventoryLevel

    /// Whether two hosts can share it and be two hypervisors.
    var hasPlaceholder: Bool { text.contains(Self.placeholder) }

    /// What is written for a host; whether it is a URI is another question.
    func text(of host: String) -> String { text.replacing(Self.placeholder, with: host) }
}

extension ValueParser where Value == String {
    /// The text of a ``URITemplate``; whether it makes a URI is known with the host's name alone.
    static let uriTemplate = ValueParser(
        kind: "a URI",
        hint: ValueParser<LibvirtURI>.uri.hint
    ) { text throws(MalformedValue) in
        guard text.utf8.count <= URITemplate.lengthLimit else {
            throw MalformedValue(
                message: "the URI has more than \(URITemplate.lengthLimit) bytes",
                hint: "write driver+transport://host/path"
            )
        }
        let rest = text.replacing(URITemplate.placeholder, with: "")
        guard let brace = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) else { return text }
        throw MalformedValue(
            message: "\(String(rest[brace...]).quoted) has a brace that is not of \(URITemplate.placeholder)",
            hint: "write \(URITemplate.placeholder) where the name of the host belongs"
        )
    }
}
