import Connections
import TestSupport
import Testing

@testable import Aggregator

@Suite struct ReconciliationTests {
    private func host(
        _ name: String,
        uri: String = "qemu:///system",
        keepalive: Int = 3,
        labels: [String: String] = [:],
        prefix: String = "p",
        filters: [String] = ["all"]
    ) throws -> InventoryHost {
        let filter = Filter(try filters.map { try FilterWord(text: $0) })
        let host = Host(
            name: name,
            uri: try LibvirtURI(uri),
            keepalive: Keepalive(count: keepalive),
            kinds: filter.kinds
        )
        return InventoryHost(host: host, labels: Labels(labels), tagPrefix: prefix, filter: filter)
    }

    @Test("each host is stopped, started, replaced, updated or kept")
    func parts() throws {
        let running = try [host("gone"), host("moved"), host("labelled"), host("same")]
        let wanted = try [
            host("same"), host("labelled", labels: ["a": "b"]), host("moved", uri: "lxc:///"), host("new"),
        ]
        #expect(
            Reconciliation.plan(running: running, wanted: wanted)
                == Reconciliation.Plan(
                    stop: ["gone"],
                    start: [wanted[3]],
                    replace: [wanted[2]],
                    update: [wanted[1]],
                    keep: ["same"]
                )
        )
    }

    @Test("only what the connection is made of takes a new one")
    func replaceOrUpdate() throws {
        let before = try host("h")
        let replaced = try [
            host("h", uri: "qemu+tls://h/system"), host("h", keepalive: 4),
        ]
        let updated = try [
            host("h", labels: ["a": "b"]), host("h", prefix: "q"), host("h", filters: ["all", "!host/gap"]),
            host("h", filters: ["domain"]),
        ]
        for wanted in replaced {
            #expect(Reconciliation.plan(running: [before], wanted: [wanted]).replace == [wanted])
        }
        for wanted in updated {
            #expect(Reconciliation.plan(running: [before], wanted: [wanted]).update == [wanted])
        }
    }

    @Test(
        "carrying out a plan leads to what was wanted, and there is no plan from there",
        arguments: 0..<200 as Range<UInt64>
    )
    func leadsToWanted(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let running = try fleet(&random)
        let wanted = try fleet(&random)
        let plan = Reconciliation.plan(running: running, wanted: wanted)
        var hosts = Dictionary(uniqueKeysWithValues: running.map { ($0.host.name, $0) })
        for name in plan.stop { #expect(hosts.removeValue(forKey: name) != nil) }
        for host in plan.start { #expect(hosts.updateValue(host, forKey: host.host.name) == nil) }
        for host in plan.replace + plan.update { #expect(hosts.updateValue(host, forKey: host.host.name) != nil) }
        #expect(hosts == Dictionary(uniqueKeysWithValues: wanted.map { ($0.host.name, $0) }))
        #expect(Reconciliation.plan(running: wanted, wanted: wanted).isEmpty)
        #expect(Reconciliation.plan(running: running, wanted: wanted) == plan)
    }

    private func fleet(_ random: inout SeededRandom) throws -> [InventoryHost] {
        try (0..<8).filter { _ in Bool.random(using: &random) }.map { number in
            try host(
                "h\(number)",
                uri: Bool.random(using: &random) ? "qemu:///system" : "lxc:///",
                labels: Bool.random(using: &random) ? ["a": "b"] : [:],
                filters: Bool.random(using: &random) ? ["domain"] : ["all"]
            )
        }
        .shuffled(using: &random)
    }
}
