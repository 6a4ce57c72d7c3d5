import Connections
import TestSupport
import Testing

/// Networks, pools, devices and secrets of a system daemon, in a network of its own where devices come as we say.
struct ObjectEvents {
    private let udev: FakeUdev
    private let daemon: PrivateLibvirtd
    private let heard: HeardEvents

    init() async throws {
        udev = try await FakeUdev()
        daemon = try await PrivateLibvirtd.started(mode: .system, at: udev.place)
        heard = try await HeardEvents(daemon, .qemu)
    }

    /// - Returns: The kinds that came.
    func provoke() async throws -> Set<EventKind> {
        async let networks: Void = networks()
        async let pools: Void = pools()
        async let secrets: Void = secrets()
        async let devices: Void = devices()
        _ = try await (networks, pools, secrets, devices)
        await heard.stop()
        return heard.kinds
    }

    private func networks() async throws {
        let xml = "<network><name>n1</name><bridge name='lab0'/></network>"
        let file = try daemon.folder.write(xml, to: "n1.xml")
        try await virsh("net-define \(file)", "net-start n1", "net-destroy n1", "net-undefine n1")
        try await expect(.networkLifecycle, of: "n1", [0, 2, 3, 1])
    }

    private func pools() async throws {
        try await virsh(
            "pool-define-as p1 dir --target \(daemon.folder.file("p1"))",
            "pool-build p1",
            "pool-start p1",
            "pool-refresh p1",
            "pool-destroy p1",
            "pool-delete p1",
            "pool-undefine p1"
        )
        try await expect(.poolLifecycle, of: "p1", [0, 4, 2, 3, 5, 1])
        try await heard.wait(for: .poolRefresh, of: "p1", .plain)
    }

    private func secrets() async throws {
        let uuid = "41111111-2222-3333-4444-555555555555"
        let file = try daemon.folder.write(
            """
            <secret ephemeral='no' private='no'><uuid>\(uuid)</uuid>\
            <usage type='volume'><volume>/lab/volume</volume></usage></secret>
            """,
            to: "secret.xml"
        )
        let value = try daemon.folder.write("a value", to: "value")
        try await virsh(
            "secret-define \(file)",
            "secret-set-value \(uuid) --file \(value) --plain",
            "secret-undefine \(uuid)"
        )
        try await expect(.secretLifecycle, of: uuid, [0, 1])
        try await heard.wait(for: .secretValueChanged, of: uuid, .plain)
    }

    private func devices() async throws {
        let name = FakeUdev.loopback
        try await udev.tell(.change)
        try await heard.wait(for: .nodedevUpdate, of: name, .plain)
        try await udev.tell(.remove)
        try await heard.wait(for: .nodedevLifecycle, of: name, .lifecycle(event: 1, detail: 0))
        try await udev.tell(.add)
        try await expect(.nodedevLifecycle, of: name, [1, 0])
    }

    private func virsh(_ commands: String...) async throws {
        let result = try await Virsh.script(commands, on: daemon, driver: .qemu)
        #expect(result.errors == "")
    }

    /// Its lifecycle was this, from beginning to end.
    private func expect(_ kind: EventKind, of name: String, _ life: [Int32]) async throws {
        let last = HostEvent.Payload.lifecycle(event: life[life.count - 1], detail: 0)
        try await heard.wait(for: kind, of: name, last)
        #expect(heard.payloads(kind, of: name) == life.map { .lifecycle(event: $0, detail: 0) }, "\(name)")
    }
}
