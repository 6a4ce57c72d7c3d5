import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Aggregator

@Suite("Admin interface")
struct AdminAPITests {
    private let backend: FakeBackend
    private let api: AdminAPI

    init() throws {
        backend = try FakeBackend()
        api = AdminAPI(backend: backend)
    }

    private func ask(
        _ method: String,
        _ path: String,
        query: [(name: String, value: String)] = [],
        body: String = "",
        peer: String? = nil
    ) async throws -> (status: Int, json: JSONValue) {
        let reply = await api.reply(
            to: AdminRequest(method: method, path: path, query: query, body: Array(body.utf8), peer: { peer })
        )
        return (reply.status, try JSONValue(parsing: Data(reply.body)))
    }

    @Test("the status has its contract's keys")
    func status() async throws {
        let (status, json) = try await ask("GET", "/api/v1/status")
        #expect(status == 200)
        #expect(
            json.object?.keys.sorted() == [
                "bus", "event_loop", "hosts", "hypervisors", "instance", "inventory", "ledger", "libvirt", "pool",
                "spool",
                "started",
                "uptime", "version", "warnings",
            ]
        )
        #expect(
            json["hosts"]
                == [
                    "total": 3, "connecting": 0, "up": 2, "down": 1, "stopped": 0, "paused": 1, "degraded": 1,
                    "flapping": 1, "gaps": 2,
                ]
        )
        #expect(
            json["bus"] == [
                "state": "ready", "since": "1970-01-01T00:00:00Z", "framing": "bare", "confirm": "echo",
                "pacing": ["rate": 1_000, "limited": false],
            ]
        )
        #expect(json["ledger"]?["waiting"] == 2)
        #expect(
            json["pool"] == [
                "waiting": 1, "running": 2, "slow": 5, "written_off": 1, "expired": 4,
                "stuck": [["host": "kvm01", "lane": "open-fast", "age": 3]],
            ]
        )
        #expect(
            json["event_loop"] == ["handles": 2, "timers": 4, "unfreed": 1, "callbacks": 40, "wakeups": 0, "stalls": 0]
        )
    }

    @Test("a host that is down says why, since when and what comes next, and no secret")
    func down() async throws {
        let (status, json) = try await ask("GET", "/api/v1/hosts/kvm01")
        #expect(status == 200)
        #expect(json["uri"] == "qemu+ssh://kvm01/system")
        #expect(json["phase"] == "down")
        #expect(json["reason"] == "timeout")
        #expect(json["since"] == "2026-11-22T08:28:19.265359Z")
        #expect(json["next_attempt"] == "2026-11-22T08:28:28.265359Z")
        #expect(json["labels"] == ["Rack_No": "r 7"])
        #expect(json["filters"] == ["all", "!nodedev"])
        #expect(json["stuck"] == [["host": "kvm01", "lane": "open-fast", "age": 3]])
        #expect(json["tag_prefix"] == .string(TagPrefix.standard))
        #expect(!"\(json)".contains("secret\"") && !"\(json)".contains("secretuser"))
    }

    @Test("a host that is up says what it gives")
    func up() async throws {
        let (_, json) = try await ask("GET", "/api/v1/hosts/kvm02")
        #expect(json["libvirt"] == "9.0.0")
        #expect(json["keepalive"] == "on")
        #expect(json["registered"] == ["domain/lifecycle"])
        #expect(json["refused"] == [["kind": "secret/lifecycle", "message": "no"]])
        #expect(json["events"] == 12)
        #expect(json["paused"] == ["until": "2026-11-22T08:28:19.265359Z", "by": "op"])
        #expect(json["warnings"]?.array?.first?.string?.contains("no_verify") == true)
        #expect(json["reason"] == nil)
    }

    @Test("a host says when it was heard, class by class, what is in doubt, and what its last gap was")
    func hearing() async throws {
        let (_, json) = try await ask("GET", "/api/v1/hosts/kvm03")
        let since: JSONValue = "2026-11-22T08:28:19.265359Z"
        #expect(json["phase"] == "up")
        #expect(
            json["degraded"] == [
                ["doubt": "audit", "object": "domain", "since": since], ["doubt": "probe", "since": since],
            ]
        )
        #expect(json["flapping"] == ["count": 7, "since": since])
        #expect(json["heard"] == ["at": "2026-11-22T08:27:18.265359Z", "age": 61])
        #expect(
            json["classes"] == [
                [
                    "object": "domain", "objects": 12, "listed": since,
                    "heard": ["at": "2026-11-22T08:23:19.265359Z", "age": 300],
                ],
                ["object": "network"], ["object": "pool", "objects": 0, "failure": "no pools today"],
            ]
        )
        #expect(json["beyond_limit"] == 3)
        #expect(json["gaps"] == 2)
        #expect(json["last_gap"]?["cause"] == "daemon")
        #expect(json["last_gap"]?["classes"] == ["domain", "pool"])
    }

    @Test("a view comes back from its JSON as it was, labels and all")
    func roundTrip() async throws {
        let hosts = HostsView(hosts: await backend.hosts())
        #expect(try JSONText.decode(HostsView.self, from: JSONText.encode(hosts)) == hosts)
        let status = await backend.status()
        #expect(try JSONText.decode(StatusView.self, from: JSONText.encode(status)) == status)
    }

    @Test(
        "hosts are chosen by phase and labels",
        arguments: [
            ([], ["kvm01", "kvm02", "kvm03"]), ([("phase", "degraded")], ["kvm03"]),
            ([("phase", "flapping")], ["kvm03"]), ([("phase", "up")], ["kvm02", "kvm03"]),
            ([("phase", "down")], ["kvm01"]), ([("phase", "paused")], ["kvm02"]),
            ([("label", "Rack_No=r 7")], ["kvm01"]), ([("label", "Rack_No=r")], []),
            ([("phase", "up"), ("label", "Rack_No=r 7")], []),
        ] as [([(String, String)], [JSONValue])]
    )
    func chosen(items: [(String, String)], names: [JSONValue]) async throws {
        let (status, json) = try await ask("GET", "/api/v1/hosts", query: items.map { (name: $0, value: $1) })
        #expect(status == 200)
        #expect(json["hosts"]?.array?.compactMap { $0["name"] } == names)
    }

    @Test(
        "a pause and a resume know for how long and who",
        arguments: [
            ("pause", "", nil, "kvm01 - somebody"), ("pause", "{}", "root", "kvm01 - root"),
            ("pause", #"{"for": "2h", "by": "alice"}"#, "root", "kvm01 2h root: alice"),
            ("pause", #"{"by": "root", "for": null}"#, "root", "kvm01 - root"),
            ("pause", #"{"by": "a\u001b[31m"}"#, nil, #"kvm01 - somebody: a\u{1b}[31m"#),
            ("resume", #"{"by": "bob"}"#, "root", "resume kvm01 root: bob"),
        ]
    )
    func pauses(verb: String, body: String, peer: String?, wanted: String) async throws {
        let (status, json) = try await ask("POST", "/api/v1/hosts/kvm01/\(verb)", body: body, peer: peer)
        #expect(status == 200)
        #expect(json["name"] == "kvm01")
        #expect(backend.pauses.withLock { $0 } == [wanted])
    }

    @Test("only who holds back or ends what others see is asked who they are")
    func anonymous() async throws {
        let asked = Mutex(0)
        for (method, path) in [
            ("GET", "status"), ("GET", "hosts"), ("GET", "hosts/kvm01"), ("POST", "reload"), ("GET", "nothing"),
        ] {
            let request = AdminRequest(
                method: method,
                path: "/api/v1/\(path)",
                peer: {
                    asked.withLock { $0 += 1 }
                    return nil
                }
            )
            _ = await api.reply(to: request)
        }
        #expect(asked.withLock { $0 } == 0)
    }

    @Test(
        "what cannot be answered says why and what to do instead, and nothing is done",
        arguments: [
            ("GET", "/", "", 404, "not-found", "GET /api/v1/status"),
            ("GET", "/api/v2/status", "", 404, "not-found", "GET /api/v1/status"),
            ("GET", "/api/v1/hosts/", "", 404, "not-found", "GET /api/v1/hosts"),
            ("GET", "/api/v1/hosts/kvm09", "", 404, "unknown-host", "write kvm0"),
            ("GET", "/api/v1/hosts/%2e%2e", "", 404, "unknown-host", "hosts list"),
            ("POST", "/api/v1/hosts/nobody/pause", "", 404, "unknown-host", "hosts list"),
            ("POST", "/api/v1/status", "", 405, "method-not-allowed", "use GET"),
            ("GET", "/api/v1/hosts/kvm01/pause", "", 405, "method-not-allowed", "use POST"),
            ("GET", "/api/v1/reload", "", 405, "method-not-allowed", "use POST"),
            ("POST", "/api/v1/hosts/kvm01/pause", "2h", 400, "invalid-body", #"{"for": "…", "by": "…"}"#),
            ("POST", "/api/v1/hosts/kvm01/pause", "[]", 400, "invalid-body", "send an object"),
            ("POST", "/api/v1/hosts/kvm01/pause", #"{"for": 2}"#, 400, "invalid-body", "send an object"),
            ("POST", "/api/v1/hosts/kvm01/pause", #"{"for": "2"}"#, 400, "invalid-body", "write 2s"),
            ("POST", "/api/v1/hosts/kvm01/pause", #"{"for": "0s"}"#, 400, "invalid-body", "from 1s"),
            ("POST", "/api/v1/hosts/kvm01/pause", #"{"fro": "2h"}"#, 400, "invalid-body", "write for"),
            ("POST", "/api/v1/hosts/kvm01/pause", #"{"by": ""}"#, 400, "invalid-body", "write a name"),
            ("POST", "/api/v1/hosts/kvm01/resume", #"{"for": "2h"}"#, 400, "invalid-body", "use one of by"),
        ]
    )
    func refused(
        method: String,
        path: String,
        body: String,
        status: Int,
        code: String,
        hint: String
    ) async throws {
        let (got, json) = try await ask(method, path, body: body)
        #expect(got == status)
        #expect(json.object?.keys.sorted() == ["error"])
        #expect(json["error"]?["code"]?.string == code)
        #expect(json["error"]?["message"]?.string?.isEmpty == false)
        #expect(json["error"]?["hint"]?.string?.contains(hint) == true, "\(json)")
        #expect(backend.pauses.withLock { $0.isEmpty })
    }

    @Test(
        "a query that means nothing is refused",
        arguments: [("phase", "dwn", "write down"), ("label", "rack", "NAME=VALUE"), ("lable", "a=b", "write label")]
    )
    func query(name: String, value: String, hint: String) async throws {
        let (status, json) = try await ask("GET", "/api/v1/hosts", query: [(name: name, value: value)])
        #expect(status == 400)
        #expect(json["error"]?["hint"]?.string?.contains(hint) == true)
    }

    @Test(
        "a replay is asked for, asked about and stopped; who asks for one has a name, who wants a count needs none",
        arguments: [
            ("POST", "", #"{"host": ["kvm01"], "rate": 7, "by": "alice"}"#, "running", ["7 root: alice"]),
            ("POST", "", "", "running", ["50 root"]), ("POST", "", #"{"dry_run": true}"#, "dry_run", ["50 somebody"]),
            ("GET", "", "", "none", []), ("GET", "/7", "", "dry_run", []), ("POST", "/stop", "", "stopped", []),
        ]
    )
    func replays(method: String, tail: String, body: String, phase: String, wanted: [String]) async throws {
        let (status, json) = try await ask(method, "/api/v1/replay\(tail)", body: body, peer: "root")
        #expect(status == 200)
        #expect(json["phase"]?.string == phase)
        #expect(json["selected"]?["total"] == 0)
        #expect(backend.replays.withLock { $0 } == wanted)
    }

    @Test("a replay with a mistake is refused, and so is a method it has not")
    func refusedReplays() async throws {
        let (status, json) = try await ask("POST", "/api/v1/replay", body: #"{"kind": ["lifecylce"]}"#)
        #expect(status == 400)
        #expect(json["error"]?["hint"] == "write lifecycle")
        let reply = await api.reply(to: AdminRequest(method: "DELETE", path: "/api/v1/replay"))
        #expect(reply.status == 405)
        #expect(reply.allow == ["GET", "POST"])
        #expect(try await ask("GET", "/api/v1/replay/stop").status == 405)
        for id in ["8", "x", "7/7"] { #expect(try await ask("GET", "/api/v1/replay/\(id)").status == 404) }
        #expect(backend.replays.withLock { $0.isEmpty })
    }

    @Test("a reload answers with the difference, or with every mistake")
    func reload() async throws {
        #expect(try await ask("POST", "/api/v1/reload").json["difference"]?["unchanged"] == 2)
        var report = DiagnosticReport()
        report.error(.unknownKey, at: Position(file: "i.yaml", line: 3, column: 7), "'x' is no key", hint: "write y")
        let errors = ConfigurationErrors(report: report)
        backend.outcome.withLock { $0 = .failure(errors) }
        let (status, json) = try await ask("POST", "/api/v1/reload")
        #expect(status == 422)
        #expect(json["error"]?["code"] == "invalid-inventory")
        #expect(
            json["diagnostics"] == [
                [
                    "file": "i.yaml", "line": 3, "column": 7, "severity": "error", "code": "unknown-key",
                    "message": "'x' is no key", "hint": "write y",
                ]
            ]
        )
    }

    @Test(
        "a path leads to its route and back",
        arguments: [
            .status, .hosts, .host("a"), .pause("a"), .resume("a"), .reload, .replay, .stopReplay, .host("a/pause"),
            .host("a?phase=up"), .oneReplay("17"), .oneReplay("stop/"),
            .pause("x HTTP/1.1\r\n\r\nPOST /api/v1/reload"), .resume("ü%2F\u{0}#"),
        ] as [AdminRoute]
    )
    func routes(route: AdminRoute) {
        #expect(AdminRoute(path: route.path) == route)
        #expect(route.path.utf8.allSatisfy { (0x21...0x7E).contains($0) })
    }
}
