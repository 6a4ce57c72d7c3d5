import Foundation
package import Testing

/// What tests with real daemons need on the machine.
///
/// Where it is missing such a test is skipped and says why; with `VIRT_AGGREGATOR_CI` set it fails instead, because there
/// a skipped test is one that nobody notices.
package enum RealDaemons: Sendable, Hashable {
    /// libvirtd and virsh, for `PrivateLibvirtd`.
    case libvirtd
    /// Root, and the right to make namespaces, for `PrivateLibvirtd` in system mode.
    case systemLibvirtd
    /// What a system libvirtd needs, and sshd, ssh and the helper that ssh runs on a host.
    case sshd
    /// What a system libvirtd needs, and a system bus with polkitd.
    case polkit
    /// Root, and networks of a test's own.
    case network
    /// A release of Salt.
    case salt(SaltInstallation)
    /// Every release of Salt that tests run against.
    case allSalt
    /// Root, and the roots of other releases of Debian with their libvirts.
    case debianRoots
    /// What a system libvirtd needs to run machines and containers, and what provokes their events.
    case machines
    /// That, and a Linux system for a guest.
    case linuxGuest

    /// Why it cannot be had here; nil if it can.
    package var missing: String? {
        switch self {
        case .libvirtd: Self.missingPrograms(["libvirtd", "virsh", "setpriv"])
        case .systemLibvirtd: RealDaemons.libvirtd.missing ?? Self.missingNamespaces
        case .sshd:
            RealDaemons.systemLibvirtd.missing
                ?? Self.missingPrograms(["sshd", "ssh", "ssh-keygen", "virt-ssh-helper", "nc"])
        case .polkit:
            RealDaemons.systemLibvirtd.missing
                ?? Self.missingPrograms(["dbus-daemon", "dbus-send", PrivatePolkit.daemon])
        case .network: Self.missingPrograms(["ip", "nsenter"]) ?? Self.missingNetworks
        case .salt(let salt):
            salt.isThere ? nil : "Salt \(salt) is missing: make setup-test"
        case .allSalt:
            SaltInstallation.all.isEmpty
                ? "ops/salt-versions cannot be read"
                : SaltInstallation.all.lazy.compactMap { RealDaemons.salt($0).missing }.first
        case .machines:
            RealDaemons.systemLibvirtd.missing
                ?? Self.missingPrograms([
                    "qemu-system-x86_64", "/usr/lib/libvirt/libvirt_lxc", "python3", "ip", "nsenter",
                ])
        case .linuxGuest:
            RealDaemons.machines.missing
                ?? (LinuxGuest.isThere ? nil : "the guest's system is missing: make test-guest")
        case .debianRoots:
            Self.missingNamespaces
                ?? DebianRoot.allCases.first { !$0.isThere }
                .map { "libvirt of Debian's \($0) is missing: make setup-versions" }
        }
    }

    private static func missingPrograms(_ names: [String]) -> String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        let missing = names.filter { name in
            let paths = name.hasPrefix("/") ? [name] : folders.map { "\($0)/\(name)" }
            return !paths.contains(where: FileManager.default.isExecutableFile)
        }
        return missing.isEmpty ? nil : "\(missing.joined(separator: " and ")) missing: make setup-test"
    }

    private static let missingNamespaces: String? = {
        if geteuid() != 0 { return "a system libvirtd needs root" }
        let works = succeeds(["unshare", "--mount", "--pid", "--fork", "--mount-proc", "true"])
        return works ? nil : "a system libvirtd needs the right to make namespaces"
    }()

    private static let missingNetworks: String? = {
        if geteuid() != 0 { return "a network of a test's own needs root" }
        let works = succeeds(["unshare", "--net", "ip", "link", "add", "hole0", "type", "veth", "peer", "hole1"])
        return works ? nil : "a network of a test's own needs the right to make network namespaces"
    }()

    private static func succeeds(_ command: [String]) -> Bool {
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { close(null) }
        var status: Int32 = -1
        guard let pid = try? Spawn(command, input: null, output: null, errors: null).start() else { return false }
        return waitpid(pid, &status, 0) == pid && status == 0
    }
}

/// A requirement that is not met where it must be.
package struct RequirementMissing: Error, CustomStringConvertible {
    package let description: String
}

extension Trait where Self == ConditionTrait {
    /// Runs the test where these daemons can be had.
    package static func needs(_ daemons: RealDaemons..., sourceLocation: SourceLocation = #_sourceLocation) -> Self {
        let missing = daemons.compactMap(\.missing)
        let reason = missing.joined(separator: "; ")
        return .enabled(Comment(rawValue: reason), sourceLocation: sourceLocation) {
            if missing.isEmpty { return true }
            if ProcessInfo.processInfo.environment["VIRT_AGGREGATOR_CI"] != nil {
                throw RequirementMissing(description: reason)
            }
            return false
        }
    }
}
