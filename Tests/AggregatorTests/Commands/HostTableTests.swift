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
        #expect(
            table.text(colored: false) == """
                NAME   PHASE       SINCE                 REASON   NEXT ATTEMPT          LIBVIRT  KINDS   EVENTS  LABELS
                kvm01  down        2026-11-22T08:28:19Z  timeout  2026-11-22T08:28:28Z  -        -       0       Rack_No=r 7
                kvm02  up, paused  -                     -        -                     9.0.0    1 of 2  12      -

                """
        )
        let lines = table.text(colored: true).split(separator: "\n")
        #expect(lines.map { $0.hasPrefix("\u{1B}[") } == [true, true, false])
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
