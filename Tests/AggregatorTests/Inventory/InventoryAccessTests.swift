import Connections
import Testing

@testable import Aggregator

/// The way to a host: what its URI says and what the keys beside it say.
@Suite struct InventoryAccessTests {
    private func load(
        _ text: String,
        files: FileSource = .memory([:])
    ) throws(ConfigurationErrors) -> (inventory: Inventory, warnings: DiagnosticReport) {
        var all = files
        all.state = files.state
        let source = FileSource(
            contents: { path throws(FileSource.Unreadable) in
                path == "inv" ? Array(text.utf8) : try files.contents(path)
            },
            names: files.names,
            isFolder: files.isFolder,
            state: all.state
        )
        let machine = LocalMachine(hostName: "here", libvirtConf: "/conf")
        return try InventoryLoader(files: source, machine: machine).load(path: "inv")
    }

    private func errors(_ text: String, files: FileSource = .memory([:])) -> [String] {
        do throws(ConfigurationErrors) {
            _ = try load(text, files: files)
            return []
        } catch {
            return error.report.lines
        }
    }

    /// Files at every path, as they should be.
    private let everything = FileSource.memory(
        [
            "/k/a": "", "/k/b": "", "/kh/a": "", "/kh/b": "", "/pki/cacert.pem": "", "/pki/clientkey.pem": "",
            "/auth": "",
        ]
    )

    @Test("user, port and credentials reach the host's connection")
    func all() throws {
        let (inventory, warnings) = try load(
            """
            defaults: {user: salt, auth: /auth, ssh: {key: /k/a, known_hosts: /kh/a}, tls: {pki: /pki}}
            hosts:
              ssh: {uri: "qemu+ssh://h/system", port: 2222, ssh: {jump: "me@gate:22", key: /k/b}}
              tls: qemu+tls://h/system
              local: qemu:///system
              libssh2: qemu+libssh2://h/system
            """,
            files: everything
        )
        #expect(warnings.lines == [])
        let hosts = inventory.hosts.map(\.host)
        #expect(
            hosts.map(\.uri.text) == [
                "qemu+ssh://salt@h:2222/system", "qemu+tls://h/system", "qemu:///system",
                "qemu+libssh2://salt@h/system",
            ]
        )
        #expect(
            hosts.map(\.credentials) == [
                Credentials(sshKey: "/k/b", sshKnownHosts: "/kh/a", sshJump: "me@gate:22", authFile: "/auth"),
                Credentials(pki: "/pki", authFile: "/auth"), Credentials(authFile: "/auth"),
                Credentials(sshKey: "/k/a", sshKnownHosts: "/kh/a", authFile: "/auth"),
            ]
        )
    }

    @Test("what the URI says holds over the levels above it")
    func uriFirst() throws {
        let (inventory, warnings) = try load(
            """
            defaults: {user: salt, port: 22, auth: /auth, ssh: {key: /k/a, known_hosts: /kh/a}, tls: {pki: /pki}}
            hosts:
              a: qemu+ssh://root@h:2222/?keyfile=/k/b&known_hosts=/kh/b
              b: qemu+tls://h:16514/?pkipath=/pki&authfile=/auth
            groups:
              g: {user: other, hosts: [{c: "qemu+ssh://root@c/"}]}
            """,
            files: everything
        )
        #expect(warnings.lines == [])
        let hosts = inventory.hosts.map(\.host)
        #expect(
            hosts.map(\.uri.text) == [
                "qemu+ssh://root@h:2222/?keyfile=/k/b&known_hosts=/kh/b",
                "qemu+tls://h:16514/?pkipath=/pki&authfile=/auth", "qemu+ssh://root@c:22/",
            ]
        )
        #expect(
            hosts[0].credentials == Credentials(sshKey: "/k/b", sshKnownHosts: "/kh/b", authFile: "/auth")
        )
        #expect(hosts[1].credentials == Credentials(pki: "/pki", authFile: "/auth"))
    }

    @Test(
        "two that disagree at one level, or below the URI's, are an error",
        arguments: [
            ("hosts: {a: {uri: 'qemu+ssh://root@h/', user: salt}}", "1:46 conflicting-values"),
            ("hosts: {a: {uri: 'qemu+ssh://h:22/', port: 23}}", "1:44 conflicting-values"),
            ("hosts: {a: {uri: 'qemu+ssh://h/?keyfile=/k/a', ssh: {key: /k/b}}}", "1:59 conflicting-values"),
            (
                "hosts: {a: {uri: 'qemu+libssh://h/?known_hosts=/k/a', ssh: {known_hosts: /b}}}",
                "1:74 conflicting-values"
            ),
            ("hosts: {a: {uri: 'qemu+tls://h/?pkipath=/pki', tls: {pki: /b}}}", "1:59 conflicting-values"),
            ("hosts: {a: {uri: 'qemu+tls://h/?authfile=/auth', auth: /b}}", "1:56 conflicting-values"),
            (
                "groups: {g: {uri: 'qemu+ssh://root@{name}/', user: salt, hosts: ['a[1-9]']}}",
                "1:52 conflicting-values"
            ),
            (
                "groups: {g: {uri: 'qemu+ssh://root@{name}/', hosts: [{a: {user: salt}}]}}",
                "1:65 conflicting-values"
            ),
            ("hosts: {a: 'qemu+ssh://h/?keyfile=id_rsa'}", "1:12 invalid-value"),
        ]
    )
    func twoTruths(text: String, place: String) {
        let lines = errors(text, files: everything)
        #expect(lines.count == 1)
        let (line, code) = (place.split(separator: " ")[0], place.split(separator: " ")[1])
        #expect(lines.first?.hasPrefix("inv:\(line): error: ") == true, "\(code): \(lines)")
        #expect(lines.first?.contains("root") == false, "user names are nobody else's business")
    }

    @Test("the same in both places is no mistake")
    func same() throws {
        let text = "hosts: {a: {uri: 'qemu+ssh://salt@h:22/?keyfile=/k/a', user: salt, port: 22, ssh: {key: /k/a}}}"
        #expect(try load(text, files: everything).warnings.isEmpty)
    }

    @Test(
        "what does nothing for a host is a warning where the host says it, and silent above",
        arguments: [
            ("qemu+ssh://h/", "tls: {pki: /pki}", true), ("qemu+tls://h/", "tls: {pki: /pki}", false),
            ("qemu+tls://h/", "user: salt", true), ("esx://h/", "user: salt", false),
            ("qemu+ssh://h/", "ssh: {jump: g}", false), ("qemu+libssh://h/", "ssh: {jump: g}", true),
            ("qemu+tls://h/", "ssh: {key: /k/a}", true), ("qemu:///system", "port: 22", true),
            ("qemu+unix:///system", "user: salt", true), ("qemu:///system", "auth: /auth", false),
            ("qemu+libssh2://h/", "ssh: {known_hosts: /kh/a}", false), ("lxc:///", "ssh: {known_hosts: /kh/a}", true),
        ]
    )
    func unused(uri: String, key: String, isUnused: Bool) throws {
        let own = try load("hosts: {a: {uri: '\(uri)', \(key)}}", files: everything).warnings
        #expect(own.diagnostics.map(\.code) == (isUnused ? [.unusedKey] : []), "\(own.lines)")
        #expect(try load("defaults: {\(key)}\nhosts: {a: '\(uri)'}", files: everything).warnings.isEmpty)
    }

    @Test("files that are not there, or that others may read, are told once")
    func files() throws {
        let files = FileSource.memory(
            ["/k/a": "", "/pki/cacert.pem": "", "/pki/clientkey.pem": "", "/half/x": "", "/auth": "", "/hidden": ""],
            refused: ["/hidden"],
            open: ["/k/a", "/pki/clientkey.pem", "/auth"]
        )
        let (_, warnings) = try load(
            """
            defaults: {auth: /auth, tls: {pki: /nowhere}}
            groups:
              g:
                uri: qemu+ssh://{name}/
                ssh: {key: /k/a, known_hosts: /missing}
                hosts: ["a[1-9]"]
              t: {uri: "qemu+tls://{name}/", tls: {pki: /pki}, hosts: [t1]}
              u: {uri: "qemu+tls://{name}/", tls: {pki: /half}, auth: /hidden, hosts: [u1]}
              v: {uri: "qemu+tls://{name}/", tls: {pki: /auth}, auth: /half, hosts: [v1]}
            """,
            files: files
        )
        #expect(
            warnings.places == [
                "1:18 exposed-key", "5:16 exposed-key", "5:35 unreadable-file", "7:45 exposed-key",
                "8:45 unreadable-file", "9:45 unreadable-file", "9:59 unreadable-file",
            ]
        )
    }

    @Test("ext runs a program, and only when that is allowed")
    func ext() throws {
        let files = FileSource.memory(["/x": ""])
        let uri = "'qemu+ext:///system?command=/x'"
        #expect(
            errors("hosts: {a: \(uri)}", files: files) == [
                "inv:1:12: error: a: the ext transport runs a program on this machine; "
                    + "write allow_ext: true beside the uri if that is meant, else use ssh, tls, tcp or unix"
            ]
        )
        #expect(try load("hosts: {a: {uri: \(uri), allow_ext: true}}", files: files).warnings.isEmpty)
        #expect(try load("defaults: {allow_ext: true}\nhosts: {a: \(uri)}", files: files).inventory.hosts.count == 1)
        #expect(errors("defaults: {allow_ext: true}\nhosts: {a: {uri: \(uri), allow_ext: false}}").count == 1)
    }

    @Test(
        "what lets others listen or answer is warned about, in the host's status too",
        arguments: [
            ("qemu+tls://h/?no_verify=1", ["no-verification"]), ("qemu+tls://h/?no_verify=0", []),
            ("qemu+tls://h/?no_verify=", []), ("qemu+ssh://h/?No_Verify=2", ["no-verification"]),
            ("esx://h/?no_verify=1", ["no-verification"]), ("qemu+unix:///?no_verify=1", []),
            ("qemu+libssh2://h/?known_hosts_verify=ignore", ["no-verification"]),
            ("qemu+libssh://h/?known_hosts_verify=auto", ["no-verification"]),
            ("qemu+libssh://h/?known_hosts_verify=normal", []), ("qemu+tls://h/?known_hosts_verify=ignore", []),
            ("qemu+libssh://h/?sshauth=agent,password", ["no-verification"]),
            ("qemu+libssh://h/?sshauth=privkey", []), ("qemu+tcp://h/", ["clear-text"]),
            ("qemu+tcp://127.0.0.1:16509/", []), ("qemu+tcp://[::1]/", []), ("qemu+tcp://LOCALHOST/", []),
            ("qemu+tcp://127.evil.example/", ["clear-text"]),
        ]
    )
    func hazards(uri: String, codes: [String]) throws {
        let (inventory, warnings) = try load("hosts: {a: '\(uri)'}")
        #expect(warnings.diagnostics.map(\.code.rawValue) == codes)
        #expect(warnings.diagnostics.allSatisfy { $0.message.hasPrefix("a: ") })
        #expect(inventory.hosts[0].warnings.count == codes.count)
    }

    @Test("a hazard of a group is told once")
    func once() throws {
        let text = "groups: {g: {uri: 'qemu+libssh://{name}/?no_verify=1&sshauth=password', hosts: ['k[1-500]']}}"
        #expect(try load(text).warnings.places == ["1:19 no-verification", "1:19 no-verification"])
        let keys = "groups: {g: {uri: 'qemu+ssh://{name}/?keyfile=/keys/{name}', hosts: ['k[1-500]']}}"
        #expect(try load(keys).warnings.places == ["1:19 unreadable-file"])
    }

    @Test("an alias of libvirt.conf is an error that shows its target, without what is secret in it")
    func alias() {
        let files = FileSource.memory(["/conf": "uri_aliases = [\n \"hail=qemu+ssh://root@hail/system?keyfile=/k\",\n]"]
        )
        #expect(
            errors("hosts: {a: hail}", files: files) == [
                "inv:1:12: error: a: 'hail' is an alias of /conf, for qemu+ssh://hail/system; "
                    + "write the URI that stands there"
            ]
        )
        #expect(
            errors("hosts: {a: hali}", files: files) == [
                "inv:1:12: error: a: 'hali' has no scheme and is no alias of libvirt.conf; "
                    + "write where the host is, for example qemu+tls://host/system"
            ]
        )
    }

    @Test(
        "what looks like a slip in a URI is told with the nearest right word",
        arguments: [
            (
                "qmeu:///system",
                "warning: a: 'qmeu' is no driver that libvirt is known to have; write qemu, if that is meant"
            ),
            (
                "qemu+ssh://h/system?keyfle=/x",
                "warning: a: libvirt takes no notice of 'keyfle='; write keyfile="
            ),
            (
                "qemu+unix://h/system",
                "error: a: a unix socket is on this machine, not on 'h'; remove the host, or use ssh or tls"
            ),
            ("qemu+ssh://-oX/system", "error: a: a host that begins with '-'; write the host's name"),
        ]
    )
    func slips(uri: String, wanted: String) {
        let text = "hosts: {a: '\(uri)'}"
        let loader = InventoryLoader(files: .memory(["inv.yaml": text]))
        let found: DiagnosticReport
        do throws(ConfigurationErrors) {
            found = try loader.load(path: "inv.yaml").warnings
        } catch {
            found = error.report
        }
        #expect(found.diagnostics.map { $0.description } == ["inv.yaml:1:12: \(wanted)"])
    }
}
