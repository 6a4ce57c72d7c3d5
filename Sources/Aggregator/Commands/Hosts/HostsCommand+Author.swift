internal import Glibc

extension HostsCommand {
    /// The person behind sudo, of whom the service sees only root.
    static var author: String? {
        guard getuid() == 0, let name = getenv("SUDO_USER") else { return nil }
        let text = String(cString: name)
        return text.isEmpty ? nil : text
    }
}

extension HostsQuery {
    /// The query of a URI, with its question mark; empty for no items.
    static func text(_ items: [(name: String, value: String)]) -> String {
        items.isEmpty ? "" : "?" + items.map { "\($0.name)=\(escaped($0.value))" }.joined(separator: "&")
    }

    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            if byte.isLetterOrDigit || "._-=".utf8.contains(byte) { return String(UnicodeScalar(byte)) }
            let digits = String(byte, radix: 16, uppercase: true)
            return "%" + (digits.count == 1 ? "0" : "") + digits
        }
        .joined()
    }
}
