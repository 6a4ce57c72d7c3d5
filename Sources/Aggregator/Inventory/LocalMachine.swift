internal import Foundation
internal import Glibc

/// What an inventory takes from the machine that the service runs on; tests bring a machine of their own.
struct LocalMachine: Sendable {
    /// What the system calls itself, with its domain or without.
    let hostName: String

    /// libvirt's own configuration, with its aliases; `nil` where it would look for none.
    let libvirtConf: String?

    /// This machine.
    static let current = LocalMachine(
        hostName: systemName(),
        libvirtConf: libvirtConf(isRoot: geteuid() == 0, environment: ProcessInfo.processInfo.environment)
    )

    /// The name for a hypervisor of this machine: the first label of its own, as far as a host may be called so.
    var inventoryName: String {
        let label = hostName.prefix { $0 != "." }.utf8
        let name = label.map { $0.isLetterOrDigit || "_-".utf8.contains($0) ? $0 : UInt8(ascii: "-") }
            .drop { !$0.isLetterOrDigit }.prefix(63)
        let text = String(decoding: name, as: UTF8.self)
        return text.isEmpty ? "local" : text == HostName.reserved ? "\(text)-host" : text
    }

    /// Where libvirt looks, by who asks.
    static func libvirtConf(isRoot: Bool, environment: [String: String]) -> String? {
        if isRoot { return "/etc/libvirt/libvirt.conf" }
        let own = environment["XDG_CONFIG_HOME"].flatMap { $0.isEmpty ? nil : $0 }
        let folder = own ?? environment["HOME"].flatMap { $0.isEmpty ? nil : $0 + "/.config" }
        return folder.map { $0 + "/libvirt/libvirt.conf" }
    }

    private static func systemName() -> String {
        var system = utsname()
        guard uname(&system) == 0 else { return "" }
        return withUnsafeBytes(of: &system.nodename) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
