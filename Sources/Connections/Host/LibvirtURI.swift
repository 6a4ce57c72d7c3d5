/// A libvirt connection URI, `driver[+transport]://[user@][host][:port]/[path][?query]`, taken apart.
///
/// Only the syntax is judged here; whether a driver exists is libvirt's to say.
/// See <https://libvirt.org/uri.html>.
package struct LibvirtURI: Hashable, Sendable, CustomStringConvertible {
    /// How the client reaches the daemon.
    package enum Transport: String, CaseIterable, Sendable {
        case ssh, libssh, libssh2, tls, tcp, unix, ext
    }

    /// What is wrong with a URI, in words that say what to write instead.
    package struct Malformed: Error, Equatable, Sendable {
        package let message: String
        package let hint: String
    }

    /// The URI as it was written; it may hold a user name, so it is for libvirt's eyes only.
    package let text: String
    package let driver: String

    /// The transport as written, or the one libvirt takes when none is written: `tls` when there is a host, else `nil`,
    /// which means a local connection.
    package let transport: Transport?
    package let user: String?

    /// Without the brackets of an IPv6 address; `nil` when empty.
    package let host: String?
    package let port: Int?
    package let path: String

    /// Query parameters in order, percent-decoding undone.
    package let query: [Parameter]

    package struct Parameter: Hashable, Sendable {
        package let name: String
        package let value: String
    }

    /// libvirt's own choice: what it opens when it is given no URI.
    ///
    /// See <https://libvirt.org/uri.html#default-uri-choice>.
    package static let unspecified = LibvirtURI(
        text: "",
        driver: "",
        transport: nil,
        user: nil,
        host: nil,
        port: nil,
        path: "",
        query: []
    )

    /// Where a daemon listens for TLS unless the URI says otherwise.
    static let tlsPort = 16_514

    /// The value of a parameter, which libvirt finds by its name in any case; of several the last holds.
    package func parameter(_ name: String) -> String? {
        query.last { $0.name.lowercased() == name }?.value
    }

    /// Whether the URI switches off the check of who the host is.
    package var isUnverified: Bool {
        switch transport {
        case .libssh, .libssh2: parameter("known_hosts_verify") == "ignore" || isSet("no_verify")
        case .ssh, .tls: isSet("no_verify")
        case .tcp, .unix, .ext, nil: false
        }
    }

    /// libvirt reads a number, and any but 0 counts.
    private func isSet(_ name: String) -> Bool {
        parameter(name).map { Int($0) != 0 } ?? false
    }

    /// The URI without user name and query: what may be logged and sent.
    package var redacted: String {
        guard self != .unspecified else { return "libvirt's default" }
        let authority = Self.authority(host: host, port: port)
        return "\(scheme)://\(authority)\(path)"
    }

    package var description: String { redacted }

    private var scheme: String {
        String(text.prefix { $0 != ":" })
    }

    private static func authority(host: String?, port: Int?) -> String {
        guard let host else { return "" }
        let name = host.contains(":") ? "[\(host)]" : host
        return port.map { "\(name):\($0)" } ?? name
    }
}
