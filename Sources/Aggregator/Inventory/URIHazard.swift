internal import Connections

/// A way of reaching a host that lets others listen in, or be taken for it: allowed, and said.
struct URIHazard: Hashable, Sendable {
    let code: Diagnostic.Code
    let message: String
    let hint: String
}

extension LibvirtURI {
    /// What is hazardous about the URI, by what libvirt makes of it.
    var hazards: [URIHazard] {
        var hazards: [URIHazard] = []
        // libvirt takes a number, and 0 alone leaves the verification on.
        let isVerifying = host != nil && ![.tcp, .unix, .ext].contains(transport)
        if isVerifying, parameters("no_verify").contains(where: { !$0.isEmpty && Int($0) != 0 }) {
            let who = [.ssh, .libssh, .libssh2].contains(transport) ? "the host's key" : "the host's certificate"
            hazards.append(
                URIHazard(
                    code: .noVerification,
                    message: "no_verify= accepts any host that answers, whatever \(who) says",
                    hint: "remove it, and let the host be known"
                )
            )
        }
        if transport == .libssh || transport == .libssh2 {
            if let mode = parameters("known_hosts_verify").last, ["ignore", "auto"].contains(mode.lowercased()) {
                hazards.append(
                    URIHazard(
                        code: .noVerification,
                        message: "known_hosts_verify=\(mode.lowercased()) accepts a host whose key is not known",
                        hint: "remove it, and put the key into the file of known hosts"
                    )
                )
            }
            if parameters("sshauth").contains(where: { $0.lowercased().split(separator: ",").contains("password") }) {
                hazards.append(
                    URIHazard(
                        code: .noVerification,
                        message: "sshauth= sends a password to the host",
                        hint: "use sshauth=privkey or agent"
                    )
                )
            }
        }
        if transport == .tcp, let host, !Self.isLoopback(host) {
            hazards.append(
                URIHazard(
                    code: .clearText,
                    message: "tcp is in the clear: anyone on the way can read and change it",
                    hint: "use tls or ssh"
                )
            )
        }
        return hazards
    }

    /// The values of a parameter, whose name libvirt takes in any case.
    func parameters(_ name: String) -> [String] {
        query.filter { $0.name.lowercased() == name }.map(\.value)
    }

    private static func isLoopback(_ host: String) -> Bool {
        ["localhost", "localhost.localdomain", "ip6-localhost", "::1"].contains(host.lowercased())
            || host.hasPrefix("127.") && host.utf8.allSatisfy { $0 == UInt8(ascii: ".") || (0x30...0x39).contains($0) }
    }
}
