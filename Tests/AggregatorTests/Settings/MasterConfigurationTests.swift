import SaltBus
import Testing

@testable import Aggregator

@Suite struct MasterConfigurationTests {
    private let master = "/etc/salt/master"

    private func load(_ files: [String: String], _ bus: Settings.Bus = Settings.Bus()) throws -> MasterConfiguration {
        try MasterConfiguration.load(bus, files: .memory(files))
    }

    private func sockets(_ folder: String) -> MasterConfiguration {
        MasterConfiguration(
            pubAddress: .unix(folder + "/master_event_pub.ipc"),
            pullAddress: .unix(folder + "/master_event_pull.ipc")
        )
    }

    @Test(
        "the folder of the sockets is found as Salt finds it",
        arguments: [
            ("# all defaults\n", "/var/run/salt/master"),
            ("sock_dir: /run/x", "/run/x"),
            ("root_dir: /srv/salt", "/srv/salt/var/run/salt/master"),
            ("root_dir: /srv/salt/\nsock_dir: /srv/salt/s", "/srv/salt/s"),
            ("root_dir: /srv/salt\nsock_dir: s", "/srv/salt/s"),
            ("root_dir: /srv/salt\nsock_dir: /srv/salted", "/srv/salt/srv/salted"),
            ("root_dir: /\nsock_dir: s", "/s"),
            ("id: x\ninterface: 0.0.0.0\nnested: {sock_dir: /no}\nsock_dir: /yes\nsock_dir: /later", "/later"),
            ("- a list", "/var/run/salt/master"),
        ]
    )
    func folder(text: String, expected: String) throws {
        #expect(try load([master: text]) == sockets(expected))
    }

    @Test("files of master.d win, the later the more; other files there are none of it")
    func masterD() throws {
        let files = [
            master: "sock_dir: /a", "/etc/salt/master.d/10.conf": "sock_dir: /b",
            "/etc/salt/master.d/20.conf": "sock_dir: /c",
            "/etc/salt/master.d/30.conf.bak": "{{ jinja", "/etc/salt/master.d/.40.conf": "sock_dir: /d",
        ]
        #expect(try load(files) == sockets("/c"))
    }

    @Test("master.d is looked for beside the file, wherever that is")
    func relativePath() throws {
        let files = ["m": "sock_dir: /a", "master.d/x.conf": "sock_dir: /b"]
        #expect(try load(files, Settings.Bus(saltConfig: "m")) == sockets("/b"))
    }

    @Test("a master with ipc_mode tcp is on two ports of this machine")
    func tcp() throws {
        let text = "ipc_mode: tcp\ntcp_master_pull_port: 5513"
        #expect(
            try load([master: text])
                == MasterConfiguration(
                    pubAddress: .tcp(host: "127.0.0.1", port: 4512),
                    pullAddress: .tcp(host: "127.0.0.1", port: 5513)
                )
        )
    }

    @Test("settings win, and what they say whole needs no file")
    func overrides() throws {
        #expect(try load([:], Settings.Bus(sockDir: "/run/s")) == sockets("/run/s"))
        let both = Settings.Bus(pub: .tcp(host: "127.0.0.1", port: 1), pull: .unix("/p"))
        #expect(
            try load([:], both)
                == MasterConfiguration(pubAddress: .tcp(host: "127.0.0.1", port: 1), pullAddress: .unix("/p"))
        )
        #expect(try load([:], Settings.Bus(pull: .unix("/p"), confirm: .write)).pullAddress == .unix("/p"))
        let one = try load([:], Settings.Bus(sockDir: "/run/s", pub: .tcp(host: "127.0.0.1", port: 1)))
        #expect(one.pubAddress == .tcp(host: "127.0.0.1", port: 1))
        #expect(one.pullAddress == .unix("/run/s/master_event_pull.ipc"))
    }

    @Test(
        "what cannot be read is told with the remedy, and without what stands there",
        arguments: [
            ("{% if secret %}", "1:2 yaml-syntax"), ("sock_dir: [secret]", "1:11 invalid-value"),
            ("tcp_master_pub_port: secret", "1:22 invalid-value"), ("a: 1\nb: {secret", "3:1 yaml-syntax"),
        ]
    )
    func unreadable(text: String, place: String) {
        let error = #expect(throws: ConfigurationErrors.self) { try load([master: text]) }
        #expect(error?.report.places == [place])
        #expect(error?.report.lines.allSatisfy { $0.contains("bus.sock_dir") && !$0.contains("secret") } == true)
    }

    @Test("a missing file is told with the remedy")
    func missing() {
        let error = #expect(throws: ConfigurationErrors.self) { try load([:]) }
        #expect(
            error?.report.lines == [
                "/etc/salt/master:1:1: error: the Salt master's configuration is not here; "
                    + "set bus.sock_dir (--bus-sock-dir) to the folder with master_event_pub.ipc"
            ]
        )
    }
}
