import Connections
import Foundation
import SaltBus
import Spool
import Testing

@testable import Aggregator

@Suite("States at a time")
struct StateReportTests {
    private static let uuid = "c46e1422-6a32-4b7b-9535-48fe52d5c9ac"

    private func row(
        _ time: Int64,
        _ host: String,
        _ object: String = "domain",
        _ key: String = "",
        name: String = "",
        exists: Bool = true,
        state: String = "",
        persistent: Bool = true
    ) -> SpoolChange {
        SpoolChange(
            time: time,
            host: host,
            object: object,
            key: key,
            name: name,
            exists: exists,
            persistent: persistent,
            active: state == "running" || state == "paused",
            state: state
        )
    }

    private func report(
        at time: Int64 = 100,
        _ rows: [SpoolChange],
        domains: [String] = [],
        classes: [String] = ["domain"],
        horizon: Int64 = 0,
        silence: Int64? = nil,
        proofs: [String: Int64] = [:],
        gaps: [String: Int64] = [:]
    ) throws -> StateReport {
        let selection = try HistorySelection(
            HistorySelection.Texts(domains: domains),
            now: Timestamp(microseconds: time),
            zone: .gmt
        )
        return StateReport(
            at: Timestamp(microseconds: time),
            rows: rows,
            hosts: Set(rows.map(\.host)).sorted(),
            classes: classes,
            selection: selection,
            horizon: Timestamp(microseconds: horizon),
            silence: silence.map { Timestamp(microseconds: $0) },
            proofs: proofs.mapValues { Timestamp(microseconds: $0) },
            gaps: ["a": gaps.mapValues { Timestamp(microseconds: $0) }]
        )
    }

    @Test("what was listed is reported with its state, host by host, what is gone is not")
    func listed() throws {
        let report = try report([
            row(1, "b", "host"), row(2, "b"), row(3, "b", "domain", "u2", name: "two", state: "running"),
            row(1, "a", "host"), row(2, "a"), row(4, "a", "domain", "u1", name: "one", state: "shutoff"),
            row(5, "a", "domain", "u3", name: "three", exists: false),
        ])
        #expect(report.objects.map { "\($0.host) \($0.name) \($0.state)" } == ["a one shutoff", "b two running"])
        #expect(report.objects.first?.since == "1970-01-01T00:00:00.000004Z")
        #expect(report.hosts.map(\.heard) == [true, true])
        #expect(report.hosts.allSatisfy { $0.unknown.isEmpty })
    }

    @Test("a class that was not listed, or is no longer, is unknown, whatever events have said of some of it")
    func unlisted() throws {
        let report = try report(
            [
                row(1, "a", "host"), row(2, "a", "domain", "u1", name: "one", state: "running"), row(3, "a", "network"),
                row(4, "a", "pool", exists: false), row(5, "a", "secret", exists: false, state: "forgotten"),
                row(6, "a", "secret", "u2", name: "two", state: "present"),
            ],
            classes: ["domain", "network", "pool", "secret"]
        )
        #expect(report.objects.isEmpty)
        #expect(
            report.hosts.first?.unknown == [
                .init(object: "domain", why: .notListed), .init(object: "pool", why: .notWatched),
                .init(object: "secret", why: .notWatched),
            ]
        )
    }

    @Test("what is not heard of a class for a while leaves what was last known of it, and says so")
    func silenced() throws {
        let report = try report([
            row(1, "a", "host"), row(9, "a", exists: false),
            row(3, "a", "domain", "u1", name: "one", state: "running"),
        ])
        #expect(report.objects.map(\.state) == ["running"])
        #expect(report.objects.first?.notHeardSince == "1970-01-01T00:00:00.000009Z")
        #expect(report.hosts.first?.heard == true)
    }

    @Test("before what is kept everything is unknown, whether it was heard included")
    func tooOld() throws {
        let rows = [row(1, "a", "host"), row(2, "a"), row(3, "a", "domain", "u1", name: "one", state: "running")]
        let report = try report(rows, horizon: 101)
        #expect(report.objects.isEmpty)
        #expect(report.hosts.first?.unknown.first?.why == .notKept)
        #expect(report.hosts.first?.heard == nil)
        #expect(try self.report(rows, horizon: 100).objects.count == 1)
    }

    @Test("a domain that has moved is shown where it ran first, and where it was gone from")
    func moved() throws {
        let rows = [
            row(1, "a", "host"), row(2, "a"), row(5, "a", "domain", Self.uuid, name: "web", exists: false),
            row(1, "b", "host"), row(2, "b"), row(6, "b", "domain", Self.uuid, name: "web", state: "running"),
            row(6, "b", "domain", "u9", name: "other", state: "running"),
        ]
        for wanted in ["web", "w?b", Self.uuid, Self.uuid.uppercased()] {
            let report = try report(rows, domains: [wanted])
            #expect(report.objects.map { "\($0.host) \($0.state)" } == ["b running", "a gone"])
        }
    }

    @Test("a host that was not heard is said to be so, with what was last known")
    func lost() throws {
        let rows = [
            row(50, "a", "host", exists: false), row(2, "a"),
            row(3, "a", "domain", "u1", name: "one", state: "running"),
        ]
        let report = try report(rows)
        #expect(report.hosts.first?.heard == false)
        #expect(report.objects.first?.state == "running")
        #expect(report.objects.first?.notHeardSince == "1970-01-01T00:00:00.000050Z")
    }

    @Test("while the service did not run no host was heard")
    func silent() throws {
        let rows = [row(10, "a", "host"), row(2, "a"), row(3, "a", "domain", "u1", name: "one", state: "running")]
        #expect(try report(rows, silence: 60).objects.first?.notHeardSince == "1970-01-01T00:00:00.000060Z")
        #expect(try report(rows).objects.first?.notHeardSince == nil)
        // Lost before.
        let lost = [row(10, "a", "host", exists: false), row(2, "a")]
        #expect(try report(lost, silence: 60).hosts.first?.since == "1970-01-01T00:00:00.000010Z")
    }

    @Test(
        "of a service that was killed no host was heard after its last proof, or what was written of it later",
        arguments: [(55, 55), (70, 70), (20, 30), (nil, 60)] as [(Int64?, Int64)]
    )
    func killed(proof: Int64?, end: Int64) throws {
        let rows = [row(10, "a", "host"), row(2, "a"), row(30, "a", "domain", "u1", name: "one", state: "running")]
        let report = try report(rows, silence: 60, proofs: proof.map { ["a": $0] } ?? [:])
        #expect(report.hosts.first?.since == Timestamp(microseconds: end).iso8601)
        #expect(report.hosts.first?.heard == false)
    }

    @Test("a gap of every class that is known is one of the host, which is noted to be lost later than it was")
    func gaps() throws {
        let up = [
            row(10, "a", "host"), row(11, "a"), row(12, "a", "domain", "u1", name: "one", state: "running"),
            row(13, "a", "network"), row(14, "a", "network", "n1", name: "two", state: "active"),
        ]
        func seen(_ rows: [SpoolChange], _ gaps: [String: Int64]) throws -> [String] {
            let report = try report(rows, classes: ["domain", "network"], gaps: gaps)
            return report.objects.map { String($0.notHeardSince?.suffix(4) ?? "heard") }
                + report.hosts.map { "\($0.heard ?? true) \($0.since?.suffix(4) ?? "")" }
        }
        #expect(try seen(up, [:]) == ["heard", "heard", "true 010Z"])
        #expect(try seen(up, ["domain": 60, "pool": 60]) == ["060Z", "heard", "true 010Z"])
        #expect(try seen(up, ["domain": 50, "network": 60]) == ["050Z", "060Z", "false 060Z"])
        let lost = [row(70, "a", "host", exists: false)] + up.dropFirst()
        #expect(try seen(lost, ["domain": 50]) == ["050Z", "070Z", "false 070Z"])
        #expect(try seen(lost, ["domain": 50, "network": 50]) == ["050Z", "050Z", "false 050Z"])
    }

    @Test("the table says it in words, without control characters")
    func table() throws {
        let rows = [
            row(50, "a", "host", exists: false), row(2, "a"),
            row(3, "a", "domain", "u1", name: "x\u{1B}[2J", state: "running", persistent: false),
            row(1, "b", "host"),
        ]
        let text = StateTable(report: try report(rows)).text(colored: false)
        #expect(!text.contains("\u{1B}"))
        #expect(
            text.contains(
                #/a +domain +x\\u\{1b\}\[2J +running, transient +1970-\S+ +not since 1970-01-01T00:00:00.000050Z/#
            )
        )
        #expect(text.contains(#/b +domain +- +unknown +never listed by then +yes/#))
        #expect(try JSONText.decode(StateReport.self, from: JSONText.encode(report(rows))) == report(rows))
    }
}

@Suite("States in a spool", .timeLimit(.minutes(10)))
struct StateAtTests {
    private let folder = NSTemporaryDirectory() + "states-\(UUID().uuidString)"

    private func report(at time: Int64, now: Int64 = 1_000, hosts: [String] = []) throws -> StateReport {
        let moment = Timestamp(microseconds: now)
        let texts = HistorySelection.Texts(hosts: hosts, objects: ["domain"])
        return try StateHistory(history: SpoolHistory(folder: folder)).report(
            at: Timestamp(microseconds: time),
            selection: HistorySelection(texts, now: moment, zone: .gmt)
        )
    }

    private func own(_ kind: String, _ time: Int64) -> SpoolRecord {
        SpoolRecord(time: time, host: "", object: "aggregator", kind: kind, subject: "", bytes: [])
    }

    private func change(_ time: Int64, _ object: String, _ key: String, _ state: String) -> SpoolChange {
        SpoolChange(time: time, host: "kvm01", object: object, key: key, name: key, active: true, state: state)
    }

    @Test("the state is that of its time, and a service that had ended, or died, heard nobody")
    func lives() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var spools = [try Spool(folder: folder)]
        let event = SpoolRecord(time: 150, host: "kvm01", object: "domain", kind: "lifecycle", subject: "u1", bytes: [])
        let batches = [
            SpoolBatch(records: [own("started", 100)], changes: [change(101, "host", "", "up")]),
            SpoolBatch(changes: [change(110, "domain", "", ""), change(110, "domain", "u1", "running")]),
            SpoolBatch(records: [event], changes: [change(150, "domain", "u1", "paused")]),
            // Killed some time after 150.
            SpoolBatch(records: [own("started", 200)]), SpoolBatch(records: [own("stopped", 300)]),
            SpoolBatch(records: [own("started", 400)]),
        ]
        for batch in batches { try spools[0].append(batch) }
        try spools[0].acknowledge(through: 5)
        func seen(at time: Int64) throws -> String {
            let report = try report(at: time)
            let silence = report.objects.first?.notHeardSince.map { " not since \($0.suffix(4))" } ?? ""
            return report.objects.map(\.state).joined() + silence
                + (report.hosts.first?.unknown.first.map { "\($0.why)" } ?? "")
        }
        #expect(try seen(at: 99) == "notListed")
        #expect(try seen(at: 105) == "notListed")
        #expect(try seen(at: 120) == "running")
        #expect(try seen(at: 150) == "paused")
        #expect(try seen(at: 180) == "paused not since 150Z")
        #expect(try seen(at: 250) == "paused")
        #expect(try seen(at: 350) == "paused not since 300Z")
        #expect(try seen(at: 450) == "paused")
        // Nobody has the spool any more, and nothing says since when.
        spools = []
        #expect(try seen(at: 450) == "paused not since 400Z")
        #expect(try seen(at: 250) == "paused")
    }

    private func gap(told time: Int64, from: Int64, to: Int64) throws -> SpoolRecord {
        let gap = HostGap(
            from: Timestamp(microseconds: from),
            to: Timestamp(microseconds: to),
            classes: [.domain],
            cause: .dropped,
            synthesised: 1
        )
        let event = OwnEvent.gap(gap).unstamped(
            tag: try Tag("salt/kvm01/host/gap"),
            instance: "0123456789abcdef",
            number: 1,
            at: Timestamp(microseconds: time)
        )
        return SpoolRecord(time: time, host: "kvm01", object: "host", kind: "gap", subject: "", bytes: event.bytes)
    }

    @Test("what was in a gap that was told later was not heard, whoever asks for it and in whichever life it was told")
    func gaps() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let spool = try Spool(folder: folder)
        let other = SpoolRecord(time: 450, host: "kvm01", object: "host", kind: "gap", subject: "", bytes: [1])
        for batch in [
            SpoolBatch(records: [own("started", 100)], changes: [change(101, "host", "", "up")]),
            SpoolBatch(changes: [change(110, "domain", "", ""), change(110, "domain", "u1", "running")]),
            SpoolBatch(
                records: [try gap(told: 300, from: 150, to: 290)],
                changes: [change(280, "domain", "u1", "shutoff")]
            ),
            SpoolBatch(records: [own("stopped", 350), own("started", 400), other]),
            SpoolBatch(records: [try gap(told: 500, from: 340, to: 490)]),
        ] { try spool.append(batch) }
        func seen(at time: Int64, hosts: [String] = []) throws -> String {
            let report = try report(at: time, hosts: hosts)
            let silence = report.objects.first?.notHeardSince.map { " not since \($0.suffix(4))" } ?? ""
            return report.objects.map(\.state).joined() + silence + (report.hosts[0].heard == true ? "" : ", host")
        }
        #expect(try seen(at: 149) == "running")
        #expect(try seen(at: 150) == "running not since 150Z, host")
        #expect(try seen(at: 200, hosts: ["kvm0*"]) == "running not since 150Z, host")
        #expect(try seen(at: 285) == "shutoff not since 150Z, host")
        #expect(try seen(at: 290) == "shutoff")
        #expect(try seen(at: 345) == "shutoff not since 340Z, host")
        #expect(try seen(at: 450) == "shutoff not since 340Z, host")
        #expect(try seen(at: 490) == "shutoff")
    }

    @Test("while the journal is in memory nobody was heard after what the disk has")
    func inMemory() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let spool = try Spool(folder: folder)
        try spool.append(
            SpoolBatch(
                records: [own("started", 100), own("reloaded", 150)],
                changes: [
                    change(101, "host", "", "up"), change(110, "domain", "", ""),
                    change(150, "domain", "u1", "running"),
                ]
            )
        )
        try spool.leaveDisk()
        try spool.append(SpoolBatch(changes: [change(200, "domain", "u1", "shutoff")]))
        func seen(at time: Int64) throws -> [String] {
            let report = try report(at: time)
            return report.objects.map { "\($0.state) \($0.notHeardSince?.suffix(4) ?? "heard")" }
                + report.hosts.map { "\($0.heard ?? true)" }
        }
        #expect(try seen(at: 300) == ["running 150Z", "false"])
        #expect(try seen(at: 150) == ["running heard", "true"])
        #expect(try spool.returnToDisk() == nil)
        #expect(try seen(at: 300) == ["shutoff heard", "true"])
    }

    @Test("a host that nothing is known of is answered for when it is named")
    func named() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Spool(folder: folder).append(SpoolBatch(changes: [change(101, "host", "", "up")]))
        #expect(try report(at: 500).hosts.map(\.host) == ["kvm01"])
        let named = try report(at: 500, hosts: ["kvm09", "k*"])
        #expect(named.hosts.map(\.host) == ["kvm01", "kvm09"])
        #expect(named.hosts.allSatisfy { $0.unknown == [.init(object: "domain", why: .notListed)] })
    }

    @Test("what is older than what is kept is unknown, and what held at that time is not")
    func horizon() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let day: Int64 = 86_400_000_000
        let spool = try Spool(folder: folder, limits: SpoolLimits(age: .seconds(86_400)))
        try spool.append(
            SpoolBatch(
                records: [own("started", 1), own("other", 3 * day)],
                changes: [
                    change(1, "host", "", "up"), change(1, "domain", "", ""), change(1, "domain", "u1", "running"),
                    change(3 * day, "domain", "u1", "paused"),
                ]
            )
        )
        func why(_ time: Int64) throws -> StateReport.Why? {
            try report(at: time, now: 10 * day).hosts.first?.unknown.first?.why
        }
        #expect(try why(2 * day) == nil)
        try spool.acknowledge(through: 2)
        try spool.maintain(now: 10 * day)
        #expect(try why(2 * day) == .notKept)
        #expect(try why(9 * day + 1) == nil)
        #expect(try report(at: 9 * day + 1, now: 10 * day).objects.map(\.state) == ["paused"])
    }
}
