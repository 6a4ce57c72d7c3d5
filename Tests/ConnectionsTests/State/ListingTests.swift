import Connections
import Foundation
import Logging
import TestSupport
import Testing

extension ProcessWideTests {
    /// Listings of real drivers.
    @Suite("Listings", .serialized, .needs(.libvirtd), .timeLimit(.minutes(10)))
    struct Listings {
        private let runtime: LibvirtRuntime

        init() throws {
            runtime = try LibvirtRuntime.start(logger: .silent)
        }

        /// Opens a connection, lists, and closes it.
        ///
        /// On a thread that may block, as the watchers do.
        private func list(_ objects: [EventKind.Object], of uri: String) async throws -> [Result<
            Listing, ListingFailure
        >] {
            let host = Connections.Host(name: "h", uri: try LibvirtURI(uri))
            let inlet = ConnectionInlet(generation: 1, inFlight: InFlight(), now: { .now }) { _ in }
            let attempt = LibvirtDriver(runtime).attempt(host, deadline: .seconds(30), inlet: inlet)
            let result: Result<[Result<Listing, ListingFailure>], EstablishFailure> =
                await withCheckedContinuation { continuation in
                    let call = BlockingCall(
                        deadline: .seconds(60),
                        body: {
                            attempt.run().map { connection in
                                defer { connection.close() }
                                return objects.map(connection.list)
                            }
                        },
                        finished: { continuation.resume(returning: $0) }
                    )
                    runtime.pool.submit(call, lane: .call)
                }
            return try result.get()
        }

        private func list(_ object: EventKind.Object, of uri: String) async throws -> Listing {
            try await list([object], of: uri)[0].get()
        }

        private func domain(_ type: String, _ name: String, _ number: UInt8) -> String {
            """
            <domain type='\(type)'><name>\(name)</name><uuid>\(ObjectUUID(number: number))</uuid>\
            <memory unit='MiB'>32</memory><os><type>hvm</type></os></domain>
            """
        }

        @Test(
            "the test driver's domains, with all that can be done to them, networks, pools and devices; it has no secrets"
        )
        func testDriver() async throws {
            let daemon = try await PrivateLibvirtd.started()
            for (number, name) in ["off", "on", "held", "passing", "resting"].enumerated() {
                let xml = domain("test", name, UInt8(number + 1))
                try daemon.folder.write(xml, to: "\(name).xml")
            }
            func file(_ name: String) -> String { daemon.folder.file("\(name).xml") }
            try await Virsh.script(
                [
                    "define \(file("off"))", "define \(file("on"))", "start on", "create \(file("held"))",
                    "suspend held",
                    "create \(file("passing"))", "define \(file("resting"))", "start resting", "undefine resting",
                    "net-destroy default", "pool-define-as p2 dir --target /p2",
                ],
                on: daemon
            )
            let uri = daemon.uri(.unix)
            let domains = try await list(.domain, of: uri)
            #expect(domains.unsettled == [])
            #expect(
                Set(domains.objects.filter { $0.state.name != "test" }) == [
                    .domain("off", number: 1, active: false, "shutoff"), .domain("on", number: 2, id: 2),
                    .domain("held", number: 3, persistent: false, "paused", id: 3),
                    .domain("passing", number: 4, persistent: false, id: 4),
                    .domain("resting", number: 5, persistent: false, id: 5),
                ]
            )
            #expect(domains.objects.count == 6)
            let lists = try await list([.network, .pool, .nodedev, .secret], of: uri)
            #expect(
                try lists[0].get().objects.map(\.state) == [
                    ObjectState(name: "default", persistent: true, active: false, state: "inactive")
                ]
            )
            #expect(
                Set(try lists[1].get().objects.map(\.state)) == [
                    ObjectState(name: "default-pool", persistent: true, active: true, state: "active"),
                    ObjectState(name: "p2", persistent: true, active: false, state: "inactive"),
                ]
            )
            let devices = try lists[2].get().objects
            #expect(devices.contains { $0.key == .name("scsi_host1") && $0.state.state == "present" })
            guard case .failure(let failure) = lists[3] else {
                Issue.record("secrets of the test driver: \(lists[3])")
                return
            }
            #expect(failure.isUnsupported)
            try await ProcessWideTests.everythingIsLetGo(runtime)
        }

        @Test("a thousand domains take three calls, however many they are")
        func thousand() async throws {
            // What the library is asked stands in its log.
            let folder = try TemporaryFolder()
            let settings = [
                "log_filters": #""1:libvirt.domain""#, "log_outputs": #""1:file:\#(folder.file("calls"))""#,
            ]
            try folder.give(to: .unprivileged)
            let daemon = try await PrivateLibvirtd.started(settings: settings)
            let domains = (0..<1_000).map {
                "<domain type='test'><name>d\($0)</name><memory>8192</memory><os><type>hvm</type></os></domain>"
            }
            let node = try daemon.folder.write("<node>\(domains.joined())</node>", to: "node.xml")
            let listing = try await list(.domain, of: "test+unix://\(node)?socket=\(daemon.socket)")
            #expect(listing.objects.count == 1_000)
            #expect(listing.objects.allSatisfy { $0.state.persistent && $0.state.state == "running" })
            let log = try String(contentsOfFile: folder.file("calls"), encoding: .utf8)
            let calls = log.split(separator: "\n").compactMap { line -> Substring? in
                // "… debug : virConnectListAllDomains:6843 : conn=…"
                let call = line.split(separator: " : ").dropFirst().first?.prefix { $0 != ":" } ?? ""
                // Letting go of a handle is no call to the host.
                guard call.hasPrefix("virDomain") || call.hasPrefix("virConnect") else { return nil }
                return call.hasSuffix("Free") || call.contains("Event") ? nil : call
            }
            #expect(
                calls == ["virConnectGetAllDomainStats", "virConnectGetAllDomainStats", "virConnectListAllDomains"],
                "\(calls.prefix(20))"
            )
            try await ProcessWideTests.everythingIsLetGo(runtime)
        }

        @Test("qemu's domains and secrets, lxc's domains without statistics", .needs(.machines))
        func systemDrivers() async throws {
            let daemon = try await PrivateLibvirtd.started(mode: .system)
            var machine = Machine("held")
            machine.devices = []
            let held = try daemon.folder.write(machine.xml, to: "held.xml")
            let off = try daemon.folder.write(Machine("off").xml, to: "off.xml")
            let uuid = "41111111-2222-3333-4444-555555555555"
            let secret = try daemon.folder.write(
                "<secret ephemeral='no' private='no'><uuid>\(uuid)</uuid></secret>",
                to: "secret.xml"
            )
            let network = try daemon.folder.write(
                "<network><name>n1</name><bridge name='lab0'/></network>",
                to: "n1.xml"
            )
            try await Virsh.script(
                [
                    "create \(held) --paused", "define \(off)", "secret-define \(secret)", "net-define \(network)",
                    "pool-define-as p1 dir --target \(daemon.folder.file("p1"))", "pool-build p1", "pool-start p1",
                ],
                on: daemon,
                driver: .qemu
            )
            let qemu = try await list([.domain, .network, .pool, .secret], of: daemon.uri(.unix, driver: .qemu)).map {
                Set(try $0.get().objects.map(\.state))
            }
            #expect(
                qemu == [
                    [
                        ObjectState(name: "held", persistent: false, active: true, state: "paused"),
                        ObjectState(name: "off", persistent: true, active: false, state: "shutoff"),
                    ],
                    [ObjectState(name: "n1", persistent: true, active: false, state: "inactive")],
                    [ObjectState(name: "p1", persistent: true, active: true, state: "active")],
                    [ObjectState(name: uuid, persistent: false, active: true, state: "present")],
                ]
            )
            for name in ["running", "passing", "idle"] {
                try daemon.folder.write(
                    """
                    <domain type='lxc'><name>\(name)</name><memory unit='MiB'>64</memory>\
                    <os><type>exe</type><init>/bin/sh</init></os>\
                    <devices><emulator>/usr/lib/libvirt/libvirt_lxc</emulator><console type='pty'/></devices></domain>
                    """,
                    to: "\(name).xml"
                )
            }
            func file(_ name: String) -> String { daemon.folder.file("\(name).xml") }
            try await Virsh.script(
                [
                    "define \(file("running"))", "start running", "create \(file("passing"))", "define \(file("idle"))",
                ],
                on: daemon,
                driver: .lxc
            )
            let lxc = try await list(.domain, of: daemon.uri(.unix, driver: .lxc))
            #expect(lxc.unsettled == [])
            #expect(
                Set(lxc.objects.map(\.state)) == [
                    ObjectState(name: "running", persistent: true, active: true, state: "running"),
                    ObjectState(name: "passing", persistent: false, active: true, state: "running"),
                    ObjectState(name: "idle", persistent: true, active: false, state: "shutoff"),
                ]
            )
            try await Virsh.script(
                ["destroy running", "destroy passing"],
                on: daemon,
                driver: .lxc
            )
            try await ProcessWideTests.everythingIsLetGo(runtime)
        }

        @Test(
            "what events make of a first listing is what a listing at the end says",
            arguments: 1...3 as ClosedRange<UInt64>
        )
        func eventsEqualListing(seed: UInt64) async throws {
            let daemon = try await PrivateLibvirtd.started()
            let uri = daemon.uri(.unix)
            let events = Locked(0)
            let environment = WatcherEnvironment(
                driver: LibvirtDriver(runtime),
                pool: runtime.pool,
                logger: .silent
            )
            let host = Connections.Host(name: "h", uri: try LibvirtURI(uri))
            let watcher = Watcher(host, environment: environment, inFlight: InFlight(limit: 100_000)) { reports in
                events.withLock { $0 += reports.count(where: \.isWord) }
            }
            await watcher.start()
            try await eventually("everything is listed", detail: { "\(watcher.status)" }) {
                watcher.status.classes.count == 4 && watcher.status.classes.values.allSatisfy { $0.listed != nil }
            }
            let listed = watcher.status.classes.mapValues(\.listed)
            // Half of the commands fail, since nobody asks whether they make sense.
            let commands = try commands(seed: seed, in: daemon.folder)
            for begin in stride(from: 0, to: commands.count, by: 100) {
                do {
                    try await Virsh.script(Array(commands[begin..<begin + 100]), on: daemon)
                } catch is CommandFailed {}
            }
            let classes = EventKind.Object.allCases.filter { $0 != .secret }
            let last = try await list(classes, of: uri).map { try $0.get() }
            for (object, listing) in zip(classes, last) {
                let wanted = Dictionary(uniqueKeysWithValues: listing.objects.map { ($0.key, $0.state) })
                try await eventually("\(object) is \(wanted)") {
                    await watcher.state.objects(of: object) == wanted
                }
            }
            #expect(events.withLock { $0 } > 200)
            #expect(watcher.status.classes.mapValues(\.listed) == listed, "no listing has helped")
            await watcher.stop()
            try await ProcessWideTests.everythingIsLetGo(runtime)
        }

        private func commands(seed: UInt64, in folder: TemporaryFolder) throws -> [String] {
            var random = SeededRandom(seed: seed)
            for number in UInt8(1)...4 {
                try folder.write(domain("test", "d\(number)", number), to: "d\(number).xml")
                try folder.write(
                    "<network><name>n\(number)</name><uuid>\(ObjectUUID(number: number))</uuid><bridge name='b\(number)'/></network>",
                    to: "n\(number).xml"
                )
            }
            try folder.write(
                """
                <device><name>scsi_host99</name><parent>scsi_host1</parent><capability type='scsi_host'>\
                <capability type='fc_host'><wwnn>2000000012341234</wwnn><wwpn>1000000012341234</wwpn></capability>\
                </capability></device>
                """,
                to: "device.xml"
            )
            let forms = [
                "define D.xml", "define D.xml", "create D.xml", "create D.xml --paused", "start D", "start D",
                "start D --paused", "suspend D", "resume D", "destroy D", "shutdown D", "undefine D", "save D D.saved",
                "restore D.saved", "dump D D.core --crash", "domrename D renamed", "domrename renamed D",
                "snapshot-create-as D s1", "snapshot-revert D s1", "snapshot-delete D s1", "net-define N.xml",
                "net-create N.xml", "net-start N", "net-destroy N", "net-undefine N",
                "pool-define-as N dir --target /t",
                "pool-build N", "pool-create-as N dir --target /t", "pool-start N", "pool-destroy N", "pool-delete N",
                "pool-undefine N", "nodedev-create device.xml", "nodedev-destroy scsi_host12",
            ]
            return (0..<1_500).map { _ in
                let form = forms.randomElement(using: &random) ?? ""
                let number = Int.random(in: 1...4, using: &random)
                return form.split(separator: " ").map { word in
                    let name = word.replacing("D", with: "d\(number)").replacing("N", with: "n\(number)")
                    return word.contains(".") ? folder.file(String(name)) : String(name)
                }
                .joined(separator: " ")
            }
        }
    }
}
