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
        filters: [String] = ["all"],
        credentials: Credentials = Credentials(),
        downGrace: Int = 0,
        domains: [String] = ["*"],
        layout: TagLayout = .host
    ) throws -> InventoryHost {
        let filter = Filter(try filters.map { try FilterWord(text: $0) })
        let host = Host(
            name: name,
            uri: try LibvirtURI(uri),
            credentials: credentials,
            keepalive: Keepalive(count: keepalive),
            kinds: filter.kinds,
            downGrace: .seconds(downGrace)
        )
        return InventoryHost(
            host: host,
            labels: Labels(labels),
            tagPrefix: prefix,
            filter: filter,
            tagLayout: layout,
            domains: try domains.map { try DomainPattern($0) }
        )
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
            host("h", credentials: Credentials(sshKey: "/k")), host("h", credentials: Credentials(pki: "/p")),
            host("h", credentials: Credentials(authFile: "/a")), host("h", credentials: Credentials(sshJump: "j")),
        ]
        let updated = try [
            host("h", labels: ["a": "b"]), host("h", prefix: "q"), host("h", filters: ["all", "!host/gap"]),
            host("h", filters: ["domain"]), host("h", downGrace: 1), host("h", domains: ["a"]),
            host("h", layout: .engine),
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
        for host in running where wanted.contains(host) { #expect(plan.keep.contains(host.host.name)) }
        #expect(plan.keep.count == running.count { wanted.contains($0) })
        let connections = { (hosts: [InventoryHost]) in
            Dictionary(uniqueKeysWithValues: hosts.map { ($0.host.name, [$0.host.uri.text, $0.host.credentials.pki]) })
        }
        let (before, after) = (connections(running), connections(wanted))
        #expect(plan.update.allSatisfy { before[$0.host.name] == after[$0.host.name] })
        #expect(plan.replace.allSatisfy { before[$0.host.name] != after[$0.host.name] })
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
                filters: Bool.random(using: &random) ? ["domain"] : ["all"],
                credentials: Credentials(pki: Int.random(in: 0..<4, using: &random) == 0 ? "/p" : nil),
                downGrace: Int.random(in: 0..<2, using: &random),
                domains: Bool.random(using: &random) ? ["*"] : ["a*"],
                layout: Bool.random(using: &random) ? .host : .engine
            )
        }
        .shuffled(using: &random)
    }
}
