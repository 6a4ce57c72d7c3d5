import Connections
import Testing

@testable import Aggregator

@Suite struct FilterTests {
    private func filter(_ words: String) throws -> Filter {
        Filter(try words.split(separator: " ").map { try FilterWord(text: String($0)) })
    }

    private static let everything = EventKind.all.map(\.path)

    @Test(
        "the last word that matches decides, and only negations start from all",
        arguments: [
            ("all", everything),
            ("domain/lifecycle", ["domain/lifecycle"]),
            ("pool", ["pool/lifecycle", "pool/refresh"]),
            ("!nodedev", everything.filter { !$0.hasPrefix("nodedev/") }),
            ("!domain !pool/refresh", everything.filter { !$0.hasPrefix("domain/") && $0 != "pool/refresh" }),
            ("domain !domain/reboot", everything.filter { $0.hasPrefix("domain/") && $0 != "domain/reboot" }),
            ("!domain/reboot domain", everything.filter { $0.hasPrefix("domain/") }),
            (
                "all !domain domain/lifecycle",
                everything.filter { !$0.hasPrefix("domain/") || $0 == "domain/lifecycle" }
            ),
            ("!all", []),
            ("host", []),
        ]
    )
    func kinds(words: String, expected: [String]) throws {
        #expect(try filter(words).kinds.map(\.path) == expected)
    }

    @Test(
        "our own events about a host pass the same words",
        arguments: [
            ("all", true, true), ("domain", false, false), ("host", true, true), ("host/down", false, true),
            ("!nodedev", true, true), ("!host", false, false), ("!host/gap", false, true),
            ("all !host host/gap", true, false),
        ]
    )
    func hostEvents(words: String, gap: Bool, down: Bool) throws {
        let filter = try filter(words)
        #expect(filter.wants(host: "gap") == gap)
        #expect(filter.wants(host: "down") == down)
    }

    @Test(
        "a word that matches nothing is told with the nearest that does",
        arguments: [
            ("domian", "write domain"), ("!netwrok", "write !network"), ("domain/lifecycl", "write domain/lifecycle"),
            ("host/dwon", "write host/down"), ("All", "write all"),
            ("pool/x", "use one of pool/lifecycle, pool/refresh"),
            ("!secret/gone", "use one of !secret/lifecycle, !secret/value_changed"),
            ("", "use one of all, domain, network, pool, nodedev, secret, host"),
            ("volume", "use one of all, domain, network, pool, nodedev, secret, host"),
        ]
    )
    func unknownWords(text: String, hint: String) {
        let error = #expect(throws: MalformedValue.self) { try FilterWord(text: text) }
        #expect(error?.hint == hint)
    }

    @Test(
        "!! and all/x are no words",
        arguments: ["!!domain", "all/lifecycle", "domain/", "/lifecycle", "domain/reboot/x"]
    )
    func malformed(text: String) {
        #expect(throws: MalformedValue.self) { try FilterWord(text: text) }
    }
}
