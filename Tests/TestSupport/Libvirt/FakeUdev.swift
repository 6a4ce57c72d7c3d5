/// A place with a network of its own where devices come, change and go as a test says.
///
/// libvirt's node device driver hears of devices from udevd, which tells them to everybody in its network namespace. In
/// this place nobody does but this object, and what it tells does not get out. Needs root.
package final class FakeUdev: Sendable {
    /// Where a daemon runs that is to hear it.
    package let place: Place

    package enum Action: String, Sendable {
        case add, change, remove
    }

    package init() async throws {
        let folder = try TemporaryFolder()
        try folder.write("", to: "control")
        self.folder = folder
        place = try await NetworkNamespace().place.showing(["/run/udev": folder.path])
    }

    private let folder: TemporaryFolder

    /// Tells that something has happened to the loopback interface, which libvirt calls by ``loopback``.
    package func tell(_ action: Action) async throws {
        let device = ["/devices/virtual/net/lo", "net", "INTERFACE=lo", "IFINDEX=1"]
        try await run(["/usr/bin/python3", Scripts.path("udev.py"), action.rawValue] + device, at: place).checked()
    }

    package static let loopback = "net_lo_00_00_00_00_00_00"
}
