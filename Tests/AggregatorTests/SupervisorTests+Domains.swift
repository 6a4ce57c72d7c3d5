import Connections
import Spool
import Synchronization
import TestSupport
import Testing

@testable import Aggregator

/// Reloads that change which domains are wanted.
extension SupervisorTests {
    private func host(domains: String, uri: String = "test:///default") throws -> InventoryHost {
        var host = try host("k", uri: uri)
        host.domains = [try DomainPattern(domains)]
        return host
    }

    /// What the bus was told of domains, and the causes of gaps: `stopped web`, `gap self`.
    private var told: [String] {
        records.all.withLock { records in
            records.compactMap { record in
                let text = String(decoding: record.bytes, as: UTF8.self)
                if record.kind == "gap" { return text.firstMatch(of: /cause.([a-z]+)/).map { "gap \($0.1)" } }
                guard record.object == "domain" else { return nil }
                return text.firstMatch(of: /event.([a-z]+)/).map { "\($0.1) \(record.subject)" }
            }
        }
    }

    private func tells(_ words: String...) async throws {
        try await eventually("\(words)", detail: { "\(self.told)" }) { told == words }
    }

    private func isListed(_ count: Int) async throws {
        try await eventually("it is listed") {
            let domains = await supervisor.snapshot()["k"]?.classes[.domain]
            return domains?.listed != nil && driver.listed.count { $0 == .domain } == count
        }
    }

    /// A reload keeps the events of `web` back; it has been told by then, and stops.
    private func stopsUnheard(_ before: [InventoryHost], _ after: [InventoryHost]) async throws {
        driver.show(.domain, .domain("web"), .domain("mail", number: 8))
        try await supervisor.apply(Reconciliation.plan(running: [], wanted: before))
        try await isListed(1)
        driver.connections[0].emit("web", 3)
        try await tells("suspended web")
        try await supervisor.apply(Reconciliation.plan(running: before, wanted: after))
        driver.connections[0].emit("web", 5)
        driver.show(.domain, .domain("web", active: false, ObjectState.Word.shutoff), .domain("mail", number: 8))
        try await eventually("it is kept back") { await supervisor.counts().all.filtered == 1 }
    }

    @Test("a domain whose events were kept back is told anew once a reload wants it again, and no other")
    func wantedAgain() async throws {
        let (all, few, others) = ([try host(domains: "*")], [try host(domains: "db*")], [try host(domains: "m*")])
        try await stopsUnheard(all, few)
        try await supervisor.apply(Reconciliation.plan(running: few, wanted: others))
        #expect(await supervisor.untold() == [])
        try await supervisor.apply(Reconciliation.plan(running: others, wanted: all))
        #expect(await supervisor.untold() == ["k"])
        try await eventually("a listing is planned") { scheduler.pending.contains(.seconds(1)) }
        scheduler.advance(by: .seconds(1))
        try await tells("suspended web", "defined web", "stopped web", "gap self")
        try await supervisor.apply(Reconciliation.plan(running: all, wanted: few))
        try await supervisor.apply(Reconciliation.plan(running: few, wanted: all))
        #expect(await supervisor.untold() == [], "once")
        #expect(await supervisor.stop(within: .seconds(5)))
    }

    @Test("nor is it forgotten when the reload gives the host another connection")
    func wantedAgainElsewhere() async throws {
        let few = [try host(domains: "db*")]
        try await stopsUnheard([try host(domains: "*")], few)
        let all = [try host(domains: "*", uri: "test:///other")]
        try await supervisor.apply(Reconciliation.plan(running: few, wanted: all))
        try await eventually("it is up again") { driver.connections.count == 2 }
        try await eventually("a listing is planned") { scheduler.pending.contains(.seconds(1)) }
        scheduler.advance(by: .seconds(1))
        // With the gap of the change itself, or after it.
        try await eventually("it is told", detail: { "\(self.told)" }) {
            let last = told.suffix(3)
            return last.prefix(2) == ["defined web", "stopped web"] && last.last?.hasPrefix("gap ") == true
        }
        #expect(!told.contains("started mail"))
        #expect(await supervisor.stop(within: .seconds(5)))
    }

    @Test("a domain that loses a name that is wanted is told to have the other one, and nothing after that")
    func renamedAway() async throws {
        driver.show(.domain, .domain("web", active: false, ObjectState.Word.shutoff))
        try await supervisor.apply(Reconciliation.plan(running: [], wanted: [try host(domains: "web*")]))
        try await isListed(1)
        let connection = driver.connections[0]
        for (name, event, detail): (String, Int32, Int32) in [
            ("web", 1, 1), ("old-web", 0, 2), ("old-web", 0, 2), ("old-web", 2, 0), ("web", 2, 0),
        ] { connection.emit(name, event, detail) }
        try await tells("undefined web", "defined old-web", "started web")
        #expect(await supervisor.stop(within: .seconds(5)))
    }
}
