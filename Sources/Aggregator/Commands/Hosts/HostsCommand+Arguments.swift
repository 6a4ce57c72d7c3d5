internal import ArgumentParser
internal import Glibc

extension HostsCommand {
    /// The person behind sudo, of whom the service sees only root.
    static var author: String? {
        guard getuid() == 0, let name = getenv("SUDO_USER") else { return nil }
        let text = String(cString: name)
        return text.isEmpty ? nil : text
    }

    /// Throws unless a host may have this name, before anybody is asked about it.
    static func check(_ name: String) throws {
        do throws(MalformedValue) {
            try HostName.check(name)
        } catch {
            throw ValidationError("\(error.message.printable); \(error.hint)")
        }
    }
}

extension HostsQuery {
    /// The query of a URI, with its question mark; empty for no items.
    static func text(_ items: [(name: String, value: String)]) -> String {
        items.isEmpty ? "" : "?" + items.map { "\($0.name)=\(PercentText.escaped($0.value))" }.joined(separator: "&")
    }
}
