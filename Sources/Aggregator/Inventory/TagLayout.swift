internal import Connections
internal import SaltBus

/// How the tags of a host's libvirt events are made; its own events, and those of the service, are `host` in any case.
enum TagLayout: String, CaseIterable, Sendable {
    /// `{prefix}/{host}/{object}/{event}`.
    case host

    /// As Salt's engine makes them: `{prefix}/{scheme}/{netloc}/{path}/{object}/{event}`.
    case engine
}

extension InventoryHost {
    /// What stands before `{object}/{event}` in the tags of the host's libvirt events.
    ///
    /// `nil` for a host in the engine's layout that is where libvirt chooses: its connection alone knows.
    var tagBase: String? {
        guard tagLayout == .engine else { return ownTagBase }
        return host.uri == .unspecified ? nil : "\(tagPrefix)/\(host.uri.engineSegments)"
    }

    /// What stands before `host/{event}` in the tags of our own events about the host.
    var ownTagBase: String { "\(tagPrefix)/\(host.name)" }

    /// Throws when the host's URI cannot stand in a tag.
    func checkTags() throws(Tag.Malformed) {
        guard let tagBase else { return }
        for kind in EventKind.all { _ = try Tag("\(tagBase)/\(kind.path)") }
    }
}

extension LibvirtURI {
    /// Scheme, host with user and port, and path, as the engine puts them into a tag; what is empty is left out.
    var engineSegments: String {
        let separator = text.firstRange(of: "://")
        let scheme = text[..<(separator?.lowerBound ?? text.endIndex)].lowercased()
        let rest = text[(separator?.upperBound ?? text.endIndex)...].prefix { $0 != "?" && $0 != "#" }
        let netloc = rest.prefix { $0 != "/" }
        var path = rest[netloc.endIndex...]
        while path.first == "/" { path.removeFirst() }
        while path.last == "/" { path.removeLast() }
        return [scheme, String(netloc), String(path)].filter { !$0.isEmpty }.joined(separator: "/")
    }

    /// The query as it was written, without its question mark; `nil` when there is none.
    var writtenQuery: Substring? {
        let rest = text.prefix { $0 != "#" }
        return rest.firstIndex(of: "?").map { rest[rest.index(after: $0)...] }
    }
}
