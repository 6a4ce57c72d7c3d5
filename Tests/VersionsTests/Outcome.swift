import Connections
import Testing

/// What came of asking a daemon for every kind with one client library.
struct Outcome: Hashable, Sendable {
    struct Refusal: Hashable, Sendable {
        let kind: String
        let message: String
    }

    let client: LibvirtVersion
    let daemon: LibvirtVersion
    let registered: [String]
    let refused: [Refusal]

    /// The kinds that the libvirts of the tests do not all have: who brought each, and what a daemon without it says.
    ///
    /// From libvirt's headers and its daemons, and not from our own table, which is on trial.
    private static let newer: [(kind: String, since: LibvirtVersion, words: String)] = [
        ("domain/memory_device_size_change", .init(7, 9), "unsupported event ID 26"),
        ("domain/nic_mac_change", .init(11, 2), "unsupported event ID 27"),
        ("domain/vcpu_removed", .init(12, 4), "unsupported event ID 28"),
        ("domain/channel_lifecycle", .init(12, 4), "unsupported event ID 29"),
        ("network/metadata_change", .init(9, 8), "unsupported network event ID 1"),
    ]

    /// The words of the test driver, which has no secrets.
    private static let noSecrets =
        "this function is not supported by the connection driver: virConnectSecretEventRegisterAny"

    private var expected: [Refusal] {
        let newer = Self.newer.compactMap { kind, since, words -> Refusal? in
            if client < since {
                return Refusal(kind: kind, message: "needs libvirt \(since), and the library here is \(client)")
            }
            return daemon < since
                ? Refusal(kind: kind, message: "needs libvirt \(since) on the host: internal error: \(words)") : nil
        }
        return newer
            + ["secret/lifecycle", "secret/value_changed"].map { Refusal(kind: $0, message: Self.noSecrets) }
    }

    /// Exactly what must be refused is, each in its words, and all the rest is registered.
    func expectIsRight(sourceLocation: SourceLocation = #_sourceLocation) {
        let what = Comment(rawValue: "client \(client), daemon \(daemon)")
        let expected = expected
        #expect(refused.filter { !expected.contains($0) } == [], what, sourceLocation: sourceLocation)
        #expect(expected.filter { !refused.contains($0) } == [], what, sourceLocation: sourceLocation)
        #expect(refused.count == expected.count, what, sourceLocation: sourceLocation)
        let kinds = EventKind.all.map(\.path).filter { kind in !expected.contains { $0.kind == kind } }
        #expect(registered == kinds, what, sourceLocation: sourceLocation)
        #expect(registered.count + refused.count == 36, what, sourceLocation: sourceLocation)
    }
}

extension Outcome {
    /// Outcomes as a table: a line each, and one more for each further reason of a refusal.
    static func table(_ outcomes: Set<Outcome>) -> String {
        let sorted = outcomes.sorted { ($0.client, $0.daemon) < ($1.client, $1.daemon) }
        let lines = sorted.flatMap { outcome in
            let refusals = outcome.reasons.map { reason in
                let kinds = outcome.refused.filter { $0.message == reason }.map(\.kind)
                return "\(kinds.joined(separator: " ")): \(reason)"
            }
            let head = line(
                "\(outcome.client)",
                "\(outcome.daemon)",
                "\(outcome.registered.count)",
                refusals.first ?? ""
            )
            return [head] + refusals.dropFirst().map { line("", "", "", $0) }
        }
        return ([line("CLIENT", "DAEMON", "REGISTERED", "REFUSED")] + lines).joined(separator: "\n")
    }

    /// Why something was refused, each reason once.
    private var reasons: [String] {
        refused.map(\.message).reduce(into: []) { reasons, reason in
            if !reasons.contains(reason) { reasons.append(reason) }
        }
    }

    private static func line(_ cells: String...) -> String {
        zip(cells, [8, 8, 12, 0]).map { cell, width in
            cell + String(repeating: " ", count: max(0, width - cell.count))
        }
        .joined()
    }
}
