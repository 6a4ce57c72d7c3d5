/// Why a host cannot be heard: a closed list, part of the contract with the operator.
package enum DownReason: String, CaseIterable, Sendable {
    case refused, timeout, dns, route
    case tlsUntrusted = "tls-untrusted"
    case tlsExpired = "tls-expired"
    case tlsName = "tls-name"
    case tlsRejected = "tls-rejected"
    case hostkey
    case authSSH = "auth-ssh"
    case authSASL = "auth-sasl"
    case authPolkit = "auth-polkit"
    case permission, unsupported, eof, error, keepalive, probe, `protocol`, client, shutdown, inventory, unknown
}
