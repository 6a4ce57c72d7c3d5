import Foundation

/// A network of a test's own: loopback, and one address that swallows every packet.
///
/// Nothing that is sent in it leaves it. It ends with this object and the processes in it. Needs root.
package final class NetworkNamespace: Sendable {
    /// Whatever is sent to this address is lost, without a word.
    ///
    /// Of the range of RFC 5737 for documentation, which nobody routes.
    package static let blackHole = "192.0.2.2"

    /// No way leads to this address.
    package static let unrouted = "198.51.100.1"

    /// Where processes run that are to see this network.
    ///
    /// No name server is asked there: names are those of `/etc/hosts`.
    package let place: Place

    /// The same, but every name that is not in `/etc/hosts` is asked of a name server that never answers.
    package let placeOfSilentNames: Place

    package init() async throws {
        let folder = try TemporaryFolder()
        let holder = try RunningProcess(
            ["unshare", "--net", "--", "sh", Scripts.path("network.sh"), Self.blackHole],
            name: "network",
            in: folder
        )
        try await eventually("the network is there", within: .seconds(60), detail: { holder.log }) {
            if !holder.isRunning { throw CommandFailed(result: CommandResult(of: holder)) }
            return try String(contentsOfFile: holder.output, encoding: .utf8) == "ready\n"
        }
        let network = Place(networkOf: holder)
        let files = try folder.write("hosts: files\npasswd: files\ngroup: files\n", to: "files.conf")
        let names = try folder.write("hosts: files dns\npasswd: files\ngroup: files\n", to: "dns.conf")
        // As many as glibc asks, one after the other, for 28 s.
        let servers = String(repeating: "nameserver \(Self.blackHole)\n", count: 3)
        let resolver = try folder.write(servers, to: "resolv.conf")
        place = network.showing(["/etc/nsswitch.conf": files])
        placeOfSilentNames = network.showing(["/etc/nsswitch.conf": names, "/etc/resolv.conf": resolver])
    }
}
