import Testing

@testable import Aggregator

@Suite("Hosts as people read them")
struct HostTableTests {
    private let hosts: [HostView]

    init() async throws {
        hosts = await (try FakeBackend()).hosts()
    }

    @Test("columns are aligned, and there is no colour but on a terminal")
    func table() {
        let table = HostTable(hosts: hosts)
        let wanted = [
            "NAME   PHASE                   SINCE                 REASON        NEX"
                + "T ATTEMPT          LIBVIRT  KINDS   EVENTS  LABELS",
            "kvm01  down                    2026-11-22T08:28:19Z  timeout       202"
                + "6-11-22T08:28:28Z  -        -       0       Rack_No=r 7",
            "kvm02  up, paused              -                     -             -  "
                + "                   9.0.0    1 of 2  12      -",
            "kvm03  up, degraded, flapping  -                     audit domain  -  "
                + "                   9.0.0    3       0       -",
        ]
        #expect(table.text(colored: false) == wanted.map { $0 + "\n" }.joined())
        let lines = table.text(colored: true).split(separator: "\n")
        #expect(lines.map { $0.hasPrefix("\u{1B}[") } == [true, true, false, true])
        #expect(HostTable(hosts: []).text(colored: false).hasPrefix("NAME"))
    }

    @Test("a host's sheet has what is known and leaves out what is not")
    func sheet() {
        let down = HostSheet(host: hosts[0]).text(colored: false)
        #expect(down.contains("reason        timeout\n"))
        #expect(!down.contains("paused"))
        let up = HostSheet(host: hosts[1]).text(colored: false)
        #expect(up.contains("paused"))
        #expect(up.contains("refused     secret/lifecycle: no\n"))
        #expect(up.contains("warning     no_verify"))
        #expect(!up.contains("reason"))
    }

    @Test("a host's sheet says when it was heard, class by class, what is in doubt, and what its last gap was")
    func hearing() {
        let sheet = HostSheet(host: hosts[2]).text(colored: false)
        for line in [
            "phase         up, degraded, flapping",
            "degraded      events of domain were missed, since 2026-11-22T08:28:19.265359Z",
            "degraded      a call does not return, since 2026-11-22T08:28:19.265359Z",
            "flapping      lost 7 times since 2026-11-22T08:28:19.265359Z",
            "heard         61s ago, 2026-11-22T08:27:18.265359Z",
            "domain        12 known, listed 2026-11-22T08:28:19.265359Z, heard 5m ago, 2026-11-22T08:23:19.265359Z",
            "network       never listed",
            "pool          0 known, failed: no pools today",
            "beyond limit  3 events of objects that are not counted",
            "gaps          2",
            "last gap      2026-11-22T08:27:17.265359Z to 2026-11-22T08:28:19.265359Z, cause daemon: domain pool, "
                + "4 events derived",
        ] {
            #expect(sheet.contains(line + "\n"), "\(sheet)")
        }
        #expect(HostSheet(host: hosts[0]).text(colored: false).contains("heard         never\n"))
    }

    @Test("a host that is up and in doubt is never shown as plainly up")
    func doubt() {
        for host in hosts where !host.degraded.isEmpty {
            #expect(host.phase == "up")
            #expect(host.fullPhase.hasPrefix("up, degraded"))
            #expect(host.phaseColor != nil)
        }
        #expect(hosts.contains { !$0.degraded.isEmpty })
    }

    @Test(
        "only a whole reply is one",
        arguments: [
            ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", 200),
            ("HTTP/1.1 404 X\r\nContent-Length: 0\r\n\r\n", 404),
            ("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n{}", nil), ("HTTP/1.1 200 OK\r\n\r\n{}", nil),
            ("SSH-2.0-OpenSSH_9.2\r\n", nil), ("", nil), ("HTTP/1.1\r\n\r\n", nil),
        ] as [(String, Int?)]
    )
    func reply(text: String, status: Int?) {
        #expect(AdminClient.parse(Array(text.utf8))?.status == status)
    }

    @Test("a query survives its way")
    func query() {
        #expect(HostsQuery.text([]) == "")
        #expect(HostsQuery.text([("phase", "down"), ("label", "a=b c&d")]) == "?phase=down&label=a%3Db%20c%26d")
    }

    @Test("what a reload changed, a line for each sort that has hosts")
    func reload() {
        let difference = ReloadDifference(added: ["a", "b"], changed: ["c"], unchanged: 7)
        #expect(ReloadCommand.text(difference) == "added 2: a b\nchanged 1: c\nunchanged 7\n")
    }
}
