import Testing

@testable import Connections

@Suite("GapEvidence")
struct GapEvidenceTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let reasons: [DownReason]
        var isLocal = false
        var hasBooted = false

        /// Whether attempts that timed out had found somebody.
        var hasReached: Bool? = false
        let cause: GapCause
    }

    static let cases = [
        Case(testDescription: "refused while it was away", reasons: [.eof, .refused], cause: .daemon),
        Case(testDescription: "refused in the end", reasons: [.keepalive, .timeout, .refused], cause: .daemon),
        Case(testDescription: "no answer any more", reasons: [.keepalive, .timeout], cause: .network),
        Case(
            testDescription: "taken, not answered",
            reasons: [.keepalive, .timeout],
            hasReached: true,
            cause: .daemon
        ),
        Case(testDescription: "ssh does not say", reasons: [.keepalive, .timeout], hasReached: nil, cause: .unknown),
        Case(testDescription: "no route", reasons: [.error, .route], cause: .network),
        Case(testDescription: "no name", reasons: [.keepalive, .dns, .authSSH], cause: .network),
        Case(testDescription: "back at once", reasons: [.eof], cause: .unknown),
        Case(testDescription: "silent, and back at once", reasons: [.keepalive], cause: .unknown),
        Case(testDescription: "a call that did not return", reasons: [.probe], cause: .daemon),
        Case(testDescription: "on our own machine", reasons: [.eof], isLocal: true, cause: .daemon),
        Case(testDescription: "booted", reasons: [.keepalive, .timeout, .refused], hasBooted: true, cause: .host),
    ]

    @Test("causes are told apart as far as the evidence goes", arguments: cases)
    func causes(of outage: Case) {
        var evidence = GapEvidence(isLocal: outage.isLocal, hasBooted: outage.hasBooted)
        evidence.lost(outage.reasons[0])
        for reason in outage.reasons.dropFirst() {
            evidence.failed(EstablishFailure(reason, "scripted", hasReached: outage.hasReached))
            evidence.lost(reason)
        }
        #expect(evidence.cause == outage.cause)
    }

    @Test(
        "a host has booted when its processors have done less than half of what they should have",
        arguments: [
            (100, 0, 90, 1_000, true), (100, 0, 1_100, 1_000, false), (100, 0, 1_000, 1_000, false),
            (100, 0, 130, 1_000, true), (100, 0, 101, 2, false), (100, 0, 99, 2, false), (100, 0, 5, 25, true),
        ]
    )
    func booted(uptime: Int, at: Int, then: Int, later: Int, hasBooted: Bool) {
        func look(_ uptime: Int, _ moment: Int) -> HostUptime {
            HostUptime(uptime: .seconds(uptime), at: .seconds(moment))
        }
        #expect(look(then, later).hasBooted(since: look(uptime, at)) == hasBooted)
    }
}
