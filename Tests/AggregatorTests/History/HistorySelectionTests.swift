import Connections
import Foundation
import SaltBus
import Spool
import Testing

@testable import Aggregator

@Suite("Selections of kept events")
struct HistorySelectionTests {
    private static let now = Timestamp(microseconds: 1_795_336_099_265_359)
    private static let uuid = "c46e1422-6a32-4b7b-9535-48fe52d5c9ac"

    private func selection(_ change: (inout HistorySelection.Texts) -> Void) throws -> HistorySelection {
        var texts = HistorySelection.Texts()
        change(&texts)
        return try HistorySelection(texts, now: Self.now, zone: .gmt)
    }

    @Test("everything that is wrong is said at once, by the name of its filter")
    func mistakes() throws {
        let error = #expect(throws: HistorySelection.Malformed.self) {
            try selection {
                $0.hosts = ["kvm[0", ""]
                $0.objects = ["domian"]
                $0.kinds = ["lifecylce", "domian/lifecycle", "domain/"]
                $0.since = "yesterday"
                $0.until = "25:00"
            }
        }
        let mistakes = error?.mistakes ?? []
        #expect(
            mistakes.map(\.filter) == ["host", "host", "object", "kind", "kind", "kind", "since", "until"]
        )
        #expect(mistakes.first { $0.filter == "object" }?.value.hint == "write domain")
        #expect(mistakes.first { $0.filter == "kind" }?.value.hint == "write lifecycle")
        #expect(mistakes.allSatisfy { !$0.value.hint.isEmpty })
    }

    @Test("times that are the wrong way round, and domains of no domain, are mistakes")
    func contradictions() throws {
        #expect(throws: HistorySelection.Malformed.self) {
            try selection { ($0.since, $0.until) = ("1h", "2h") }
        }
        #expect(throws: HistorySelection.Malformed.self) {
            try selection { ($0.domains, $0.objects) = (["web"], ["network"]) }
        }
        #expect(throws: HistorySelection.Malformed.self) {
            try selection { $0.hosts = Array(repeating: "a", count: 65) }
        }
    }

    @Test("hosts are meant by name and pattern, kinds with their object or without, own events too")
    func words() throws {
        let selection = try selection {
            $0.hosts = ["kvm01", "lxc*"]
            $0.kinds = ["lifecycle", "host/down", "gap", "aggregator/stopped"]
        }
        #expect(["kvm01", "lxc7"].allSatisfy(selection.wants(host:)))
        #expect(["kvm02", "kvm011", ""].allSatisfy { !selection.wants(host: $0) })
        #expect(
            selection.ofSpool.kinds == [
                .init(object: nil, kind: "lifecycle"), .init(object: "host", kind: "down"),
                .init(object: nil, kind: "gap"), .init(object: "aggregator", kind: "stopped"),
            ]
        )
    }

    @Test("a domain is meant by name, pattern or UUID, and a name that looks like the UUID of another is itself alone")
    func domains() throws {
        let event = try UnstampedEvent(tag: Tag("a/domain/lifecycle"), entries: 2) { encoder in
            encoder.string("domain")
            encoder.value(.texts([("name", "web"), ("uuid", Self.uuid)]))
            encoder.string("detail")
            encoder.string("11111111-6a32-4b7b-9535-48fe52d5c9ac")
        }
        func wants(_ domain: String, subject: String = "web") throws -> Bool {
            let selection = try selection { $0.domains = [domain] }.ofSpool
            #expect(selection.objects == ["domain"])
            return event.bytes.withUnsafeBytes { selection.subject?(subject, $0) ?? true }
        }
        #expect(try wants("web"))
        #expect(try wants("w*"))
        #expect(try wants(Self.uuid))
        #expect(try wants(Self.uuid.uppercased()))
        #expect(try !wants("we"))
        #expect(try !wants("11111111-6a32-4b7b-9535-48fe52d5c9ac"))
        #expect(try wants("11111111-6a32-4b7b-9535-48fe52d5c9ac", subject: "11111111-6a32-4b7b-9535-48fe52d5c9ac"))
    }
}
