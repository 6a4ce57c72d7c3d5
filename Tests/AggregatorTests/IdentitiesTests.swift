import Connections
import TestSupport
import Testing

@testable import Aggregator

@Suite("Who the hypervisors are")
struct IdentitiesTests {
    private static let now = Timestamp(microseconds: 1_795_336_099_265_359)

    private func sighting(
        _ host: String,
        _ uuid: String,
        uri: String = "qemu+tls://kvm01/system"
    ) -> Identities.Sighting {
        Identities.Sighting(host: host, uri: uri, uuid: uuid)
    }

    @Test("two names of one hypervisor are told once, by its UUID, and stand in the status while it is so")
    func shared() {
        var identities = Identities()
        let both = [sighting("b", "u"), sighting("a", "u"), sighting("c", "v")]
        let shared = Identities.Shared(uuid: "u", hosts: ["a", "b"])
        #expect(identities.look(at: both, now: Self.now) == [.shared(shared)])
        #expect(identities.look(at: both + [sighting("d", "u")], now: Self.now) == [])
        #expect(identities.shared == [Identities.Shared(uuid: "u", hosts: ["a", "b", "d"])])
        #expect(identities.warnings(of: "a").count == 1)
        #expect(identities.warnings(of: "a")[0].contains("b, d"))
        #expect(identities.warnings(of: "c").isEmpty)
        #expect(identities.look(at: [sighting("a", "u"), sighting("c", "v")], now: Self.now) == [])
        #expect(identities.shared.isEmpty)
    }

    @Test("of many names some are named")
    func many() {
        var identities = Identities()
        _ = identities.look(at: (10..<60).map { sighting("h\($0)", "u") }, now: Self.now)
        #expect(
            identities.warnings(of: "h59")[0].contains("with h10, h11, h12, h13, h14, h15, h16, h17 and 41 more by")
        )
    }

    @Test("two drivers of one machine are two hypervisors")
    func drivers() {
        var identities = Identities()
        let sightings = [
            sighting("a", "u"), sighting("b", "u", uri: "lxc+tls://kvm01/system"), sighting("c", "u", uri: "what"),
        ]
        #expect(identities.look(at: sightings, now: Self.now) == [])
        let ways = [sighting("a", "u"), sighting("b", "u", uri: "qemu+ssh://me@10.0.0.1/system?socket=x")]
        #expect(identities.look(at: ways, now: Self.now) == [.shared(Identities.Shared(uuid: "u", hosts: ["a", "b"]))])
    }

    @Test("another hypervisor under a name is told each time, also after a restart, and forgotten with the host")
    func changed() {
        var identities = Identities(known: ["a": "u"])
        #expect(identities.look(at: [], now: Self.now) == [])
        let change = Identities.Change(host: "a", before: "u", after: "v", at: Self.now)
        #expect(identities.look(at: [sighting("a", "v")], now: Self.now) == [.changed(change)])
        #expect(identities.look(at: [sighting("a", "v")], now: Self.now) == [])
        #expect(identities.known == ["a": "v"])
        #expect(identities.warnings(of: "a").map { $0.contains("v since 2026-11-22T08:28:19.265359Z") } == [true])
        identities.forget("a")
        #expect(identities.known.isEmpty && identities.warnings(of: "a").isEmpty)
        #expect(identities.look(at: [sighting("a", "w")], now: Self.now) == [])
    }

    @Test("a host is where its connection says it is, and nobody before it has said who it is")
    func sightings() throws {
        var status = WatcherStatus(phase: .up)
        let host = InventoryHost(
            host: Host(name: "a", uri: .unspecified),
            labels: Labels([:]),
            tagPrefix: TagPrefix.standard,
            filter: .all
        )
        #expect(Identities.Sighting(host, status) == nil)
        status.hostUUID = "u"
        status.facts = ConnectionFacts(uri: "qemu+tls://kvm01/system", daemonVersion: nil)
        #expect(Identities.Sighting(host, status) == sighting("a", "u"))
    }
}
