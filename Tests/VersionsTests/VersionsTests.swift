import Connections
import Foundation
import Logging
import TestSupport
import Testing

/// Real libvirts of other ages, watched beside this machine's own: what each has registers, what it lacks is refused by
/// name, and events come from all of them.
@Suite(
    "Versions of libvirt",
    .serialized,
    .needs(.libvirtd, .debianRoots, .allSalt),
    .sideBySide,
    .timeLimit(.minutes(10))
)
struct VersionsTests {
    let fleet: Fleet

    init() throws {
        fleet = try #require(Fleet.current)
    }

    @Test("the daemons are of the versions that this is about")
    func versions() throws {
        for release in Release.allCases {
            let version = try #require(fleet.versions[release])
            #expect(release.isAbout(version), "\(release) has libvirt \(version)")
        }
    }

    @Test("watchers of one process register what each daemon has, know what it lacks, and hear all of them")
    func watchers() async throws {
        let client = try #require(LibvirtVersion.installed)
        let runtime = try LibvirtRuntime.start(logger: .silent)
        let environment = WatcherEnvironment(driver: LibvirtDriver(runtime), pool: runtime.pool, logger: .silent)
        let events = Locked<[String: [HostEvent]]>([:])
        var watchers: [Release: Watcher] = [:]
        for (release, daemon) in fleet.daemons {
            let host = Host(name: release.rawValue, uri: try LibvirtURI(daemon.uri(.tcp)))
            watchers[release] = Watcher(host, environment: environment, inFlight: InFlight(limit: 1000)) { reports in
                for report in reports {
                    guard case .event(let event) = report.body else { continue }
                    events.withLock { $0[release.rawValue, default: []].append(event) }
                }
            }
        }
        for watcher in watchers.values { await watcher.start() }
        for (release, watcher) in watchers {
            try await eventually("\(release) is up", detail: { "\(watcher.status)" }) { watcher.status.phase == .up }
            let facts = try #require(watcher.status.facts)
            #expect(facts.keepsAlive)
            #expect(facts.olderForms == [])
            let outcome = Outcome(
                client: client,
                daemon: try #require(LibvirtVersion(facts.daemonVersion)),
                registered: facts.registered.map(\.path),
                refused: facts.refused.map { Outcome.Refusal(kind: $0.kind.path, message: $0.message) }
            )
            #expect(outcome.daemon == fleet.versions[release])
            outcome.expectIsRight()
            fleet.outcomes.withLock { _ = $0.insert(outcome) }

            let happenings = fleet.happenings(on: release).filter { outcome.registered.contains($0.kind) }
            try await fleet.provoke(fleet.happenings(on: release), on: release)
            let heard = try await eventually("\(release) is heard", detail: { "\(events.withLock { $0 })" }) {
                let heard = events.withLock { $0[release.rawValue] ?? [] }
                return heard.count >= happenings.count ? heard : nil
            }
            #expect(heard.map(\.kind.path) == happenings.map(\.kind))
        }
        for watcher in watchers.values { await watcher.stop() }
    }

    @Test("the service relays all of them with the library of", arguments: Release.clients)
    func service(client: Release) async throws {
        let master = try await SaltMaster.started(try #require(SaltInstallation.all.first))
        let listener = try await BusListener(master)
        let service = try ServiceProcess(
            hosts: fleet.daemons.map { ($0.key.rawValue, $0.value.uri(.tcp)) },
            sockDir: master.sockDir,
            at: client.place,
            binary: Binary.path
        )
        let binary = try Binary(at: client.place)
        let library = try #require(LibvirtVersion(try await binary.json("version", "--json")["libvirt"]?.string))
        #expect(library == fleet.versions[client])
        for release in Release.allCases {
            let up = try await listener.event("host/up", of: release)
            let view = try await binary.json(
                "hosts",
                "show",
                release.rawValue,
                "--json",
                "--admin-socket",
                service.adminSocket
            )
            let outcome = Outcome(
                client: library,
                daemon: try #require(LibvirtVersion(view["libvirt"]?.string)),
                registered: (view["registered"]?.array ?? []).compactMap(\.string),
                refused: (view["refused"]?.array ?? []).map {
                    Outcome.Refusal(kind: $0["kind"]?.string ?? "", message: $0["message"]?.string ?? "")
                }
            )
            #expect(outcome.daemon == fleet.versions[release])
            outcome.expectIsRight()
            fleet.outcomes.withLock { _ = $0.insert(outcome) }
            #expect(up.data["libvirt"] == view["libvirt"])
            #expect(up.data["registered"] == view["registered"])
            #expect(up.data["refused"]?.object?.count == outcome.refused.count)

            try await fleet.provoke(fleet.happenings(on: release), on: release)
            let wanted = fleet.happenings(on: release).filter { outcome.registered.contains($0.kind) }
            let heard = try await listener.wait(for: "\(release) is heard") {
                BusListener.events(of: release, in: $0).count > wanted.count
            }
            let events = BusListener.events(of: release, in: heard).filter { $0.tag != "host/up" }
            #expect(events.map(\.tag) == wanted.map(\.kind))
            for (event, happening) in zip(events, wanted) {
                for (key, value) in happening.data { #expect(event.data[key] == value, "\(event)") }
            }
        }
        // Where both have it, it came.
        #expect(
            listener.events.contains { $0.tag.hasSuffix("/sid/network/metadata_change") }
                == (library >= LibvirtVersion(9, 8))
        )
        #expect(try await service.stop() == .exited(0), "\(service.log)")
    }

    @Test("a host that gets a newer libvirt gives its newer kinds as soon as it is back")
    func upgraded() async throws {
        let master = try await SaltMaster.started(try #require(SaltInstallation.all.first))
        let listener = try await BusListener(master)
        let old = try await PrivateLibvirtd.started(at: Release.here.place)
        let service = try ServiceProcess(
            hosts: [("upgraded", old.uri(.tcp))],
            sockDir: master.sockDir,
            at: Release.sid.place,
            arguments: ["--backoff-cap", "1s"],
            binary: Binary.path
        )
        try await listener.wait(for: "it is up") { $0.contains { $0.tag.hasSuffix("/upgraded/host/up") } }
        try await old.stop()
        let new = try await PrivateLibvirtd.started(at: Release.sid.place, port: old.port)
        let events = try await listener.wait(for: "it is up again") { events in
            events.count { $0.tag.hasSuffix("/upgraded/host/up") } == 2
        }
        let ups = events.filter { $0.tag.hasSuffix("/upgraded/host/up") }
        let refused = ups.map { Set($0.data["refused"]?.object?.keys.map(\.self) ?? []) }
        let secrets: Set = ["secret/lifecycle", "secret/value_changed"]
        #expect(refused.first?.isSuperset(of: ["domain/nic_mac_change", "network/metadata_change"]) == true)
        #expect(refused.last == secrets)
        try await Virsh.script(["net-desc default a-text"], on: new, at: new.place)
        try await listener.wait(for: "its network is described") { events in
            events.contains { $0.tag.hasSuffix("/upgraded/network/metadata_change") }
        }
        #expect(try await service.stop() == .exited(0), "\(service.log)")
    }

    @Test("the other commands run with the library of", arguments: Release.clients)
    func commands(client: Release) async throws {
        let binary = try Binary(at: client.place)
        let demo = try await binary.run("demo", "--seconds", "3").checked()
        let summary = try JSONValue(parsing: Data(try #require(demo.output.split(separator: "\n").last).utf8))
        #expect(summary["hosts"] == 3)
        #expect(summary["up"] == 3)
        #expect(summary["events"] == summary["relayed"])
        #expect((summary["events"]?.integer ?? 0) > 10)

        let inventory = ServiceProcess.inventory(of: fleet.daemons.map { ($0.key.rawValue, $0.value.uri(.tcp)) })
        let file = try binary.folder.write(inventory, to: "inventory.yaml")
        #expect(try await binary.run("check", "--inventory", file).checked().output.hasPrefix("ok: 4 hosts"))

        // The table is the binary's own, whatever the library knows.
        let kinds = try #require(try await binary.json("schema", "--kinds", "--json").array)
        #expect(kinds.count == 38)
        #expect(kinds.contains { $0["object"] == "network" && $0["name"] == "metadata_change" && $0["id"] == 1 })
    }
}

extension Logger {
    fileprivate static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}
