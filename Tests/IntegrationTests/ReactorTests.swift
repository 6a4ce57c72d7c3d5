import Foundation
import TestSupport
import Testing

extension ServiceTests {
    /// `ops/salt`, as it stands, on real masters, with what the owner of a guest may call it.
    @Suite("reactors", .needs(.libvirtd, .allSalt), .timeLimit(.minutes(10)))
    struct Reactors {
        static let masters = SaltInstallation.all.filter { ["3006.28", "3007.15", "3008.3"].contains($0.version) }

        /// Names that libvirt takes, each with what some parser on the way has a meaning for.
        ///
        /// Line breaks are refused where a domain is defined, and taken where one is created that lives while it runs.
        static let names = [
            "{{ 7*7 }}{% raw %}{# x #}", "web, approved: true", "$((7*7)) $(echo in) `id` ; | &",
            "it's \"quoted\" \\\" \\n \\", ": # - & * ! > % @", "a\tb\u{7f}c\u{85}d\u{2028}e", "web 😀", "~", "name=web",
            "<b>&amp;<b>", "a\nb: c\n- {{ 7*7 }}\n", "x\"}}]}}\n{% set host = 1 %}",
        ]

        /// The shipped snippet, but for the places that a test cannot use.
        static func configuration(webhook: WebhookListener) throws -> String {
            try String(contentsOfFile: Repository.path("ops/salt/master.d/virt-aggregator.conf"), encoding: .utf8)
                .replacing("http://127.0.0.1:8099", with: "http://127.0.0.1:\(webhook.port)")
                .replacing("/srv/reactor/virt-aggregator", with: Repository.path("ops/salt/reactor"))
        }

        /// The templates that the README shows: the wrong one, and the right one.
        static func shown() throws -> [String] {
            let text = try String(contentsOfFile: Repository.path("ops/salt/README.md"), encoding: .utf8)
            return text.matches(of: #/(?s)```jinja\n(.*?)```/#).map { String($0.output.1) }
        }

        /// A master whose reactor listens, which it does somewhat later than the master takes events.
        ///
        /// `configuration` ends with the list of reactors.
        private static func bench(
            _ salt: SaltInstallation,
            configuration: String,
            files: [String: String]
        ) async throws -> Bench {
            let ready = "answer: {runner.event.send: [{args: {tag: reactor/ready}}]}"
            let bench = try await Bench(
                salt,
                configuration: "\(configuration)\n  - 'ready': ['salt://ready.sls']\n",
                files: files.merging(["srv/ready.sls": ready]) { $1 }
            )
            try await eventually("the reactor answers", detail: { bench.master.log }) {
                try await bench.master.fire([BusEvent(tag: "ready", data: [:])])
                return bench.listener.events.contains { $0.tag == "reactor/ready" }
            }
            return bench
        }

        @Test("a crash is told under the domain's exact name, and nothing of it is evaluated", arguments: masters)
        func crash(salt: SaltInstallation) async throws {
            let webhook = try WebhookListener()
            let bench = try await Self.bench(
                salt,
                configuration: try Self.configuration(webhook: webhook)
                    + "  - '\(Bench.prefix)/*/domain/metadata_change': ['salt://right.sls']",
                files: ["srv/right.sls": try Self.shown()[1].replacing("data.domain.name", with: "data.nsuri")]
            )
            let daemon = try await PrivateLibvirtd.started()
            let service = try ServiceProcess(hosts: [("kvm01", daemon.uri(.tcp))], sockDir: bench.master.sockDir)
            try await bench.wait(of: "host/up", from: "kvm01")
            let domains = try await Domains(Self.names, on: daemon)
            try await domains.crash()

            try await eventually("a notice for each", detail: { "\(webhook.bodies)\n\(bench.master.log)" }) {
                webhook.bodies.count >= Self.names.count
            }
            let notices = webhook.bodies.sorted { id($0) < id($1) }
            #expect(notices.map { $0["domain"]?.string } == Self.names)
            #expect(notices.map { $0["uuid"]?.string } == domains.uuids)
            #expect(notices.allSatisfy { $0["what"] == "stopped: crashed" && $0["again"] == false })
            let wanted = Self.names.map { name -> JSONValue in
                ["{{", "\t", "\n"].contains(where: name.contains) ? ["/domain/name"] : []
            }
            #expect(notices.map { $0["unsafe"] } == wanted)
            #expect(Set(notices.map { $0["id"] }).count == Self.names.count)

            let namespace = "urn:{{ 7*7 }}: \"it's\" $((7*7))\n#"
            let metadata = ["metadata", "test", "--uri", namespace, "--key", "k", "--set", "<a/>", "--config"]
            try await Virsh.run(metadata, on: daemon).checked()
            let answer = try await bench.listener.wait(for: "the answer") { $0.contains { $0.tag == "answer" } }
            #expect(answer.last { $0.tag == "answer" }?.data["domain"]?.string == namespace)

            try await daemon.kill()
            try await eventually("a notice of the host", detail: { "\(webhook.bodies)\n\(bench.master.log)" }) {
                webhook.bodies.contains { $0["alert"] == "host-down" && $0["host"] == "kvm01" }
            }
            try await service.stop()
        }

        @Test(
            "what no XML can hold, in every field, stays one value; what has a mark leads to no action",
            arguments: masters
        )
        func others(salt: SaltInstallation) async throws {
            let webhook = try WebhookListener()
            // A minion that was accepted and is not there: jobs for it are on the bus and go nowhere.
            let key = try String(contentsOfFile: Repository.path("LICENSE"), encoding: .utf8)
            let bench = try await Self.bench(
                salt,
                configuration: try Self.configuration(webhook: webhook),
                files: ["root/etc/salt/pki/master/minions/kvm01.example.net": key]
            )
            let names = Self.names + ["</b>", "\u{1}\u{1b}[31m", "\u{feff}\u{fffe}", ""]
            let events = names.enumerated().flatMap { number, name in
                let text = JSONValue.string(name)
                let (full, grow, deaf) = ("domain/io_error", "domain/block_threshold", "host/gap")
                return [
                    event(full, number, ["dev": text, "srcPath": text, "action": text, "reason": "enospc"], name),
                    event(grow, number, ["dev": text, "path": text, "threshold": 1, "excess": 2], name),
                    event(grow, number, ["dev": "vdb", "path": nil, "threshold": 3, "excess": 4], name, mark: number),
                    event(deaf, number, ["cause": "daemon", "message": text, "from": text, "to": text], name),
                ]
            }
            let crash: [String: JSONValue] = ["event": "stopped", "detail": "crashed"]
            let marked = Self.marks.indices.map { event("domain/lifecycle", $0, crash, "marked", mark: $0) }
            try await bench.master.fire(events + marked)
            try await eventually("every notice", detail: { "\(webhook.bodies)\n\(bench.master.log)" }) {
                webhook.bodies.count >= 2 * names.count + marked.count
            }
            let failed = webhook.bodies.filter { $0["alert"] == "domain-failed" }.sorted { id($0) < id($1) }
            #expect(failed.map { $0["again"] } == Self.marks.map { .bool($0.0 == "replay") })
            #expect(failed.map { $0["derived"] } == Self.marks.map { .bool($0.0 == "synthetic") })
            let full = webhook.bodies.filter { $0["alert"] == "disk-full" }.sorted { id($0) < id($1) }
            #expect(full.count == names.count)
            for key in ["domain", "device", "path", "action"] { #expect(full.map { $0[key]?.string } == names) }
            let gaps = webhook.bodies.filter { $0["alert"] == "host-gap" }.sorted { id($0) < id($1) }
            for key in ["message", "from", "to"] { #expect(gaps.map { $0[key]?.string } == names) }

            let isJob = { (event: BusEvent) in event.tag.wholeMatch(of: #/salt/job/\d+/new/#) != nil }
            let all = try await bench.listener.wait(for: "every job") { $0.count(where: isJob) >= names.count }
            let jobs = all.filter(isJob)
            #expect(jobs.count == names.count, "what has a mark is left alone")
            func number(of job: BusEvent) -> Int {
                let environment = job.data["arg"]?.array?.first?["env"]
                return Int(environment?["RELAY_ID"]?.string?.split(separator: "/").last ?? "") ?? -1
            }
            for (job, (number, name)) in zip(jobs.sorted { number(of: $0) < number(of: $1) }, names.enumerated()) {
                #expect(job.data["fun"] == "cmd.run_all")
                #expect(job.data["tgt"] == ["kvm01.example.net"])
                var arguments = try #require(job.data["arg"]?.array?.first?.object)
                #expect(job.data["arg"]?.array?.count == 1)
                arguments["__kwarg__"] = nil
                let wanted: JSONValue = [
                    "cmd": "/usr/local/sbin/grow-disk", "python_shell": false,
                    "env": [
                        "RELAY_ID": .string("0123456789abcdef/kvm01/\(number)"), "DOMAIN_UUID": .string(uuid),
                        "DOMAIN_NAME": .string(name), "DISK": .string(name), "DISK_PATH": .string(name),
                        "THRESHOLD": "1", "EXCESS": "2",
                    ],
                ]
                #expect(.object(arguments) == wanted)
            }
        }

        /// What a reactor that acts does not trust.
        private static let marks: [(String, JSONValue)] = [
            ("unsafe", ["/domain/name"]), ("truncated", ["/domain/name"]), ("replay", true),
            ("synthetic", ["basis": "resync", "from": "then", "to": "now"]),
        ]

        private let uuid = "11111111-2222-3333-4444-555555555555"

        private func id(_ notice: JSONValue) -> Int {
            Int(notice["id"]?.string?.split(separator: "/").last ?? "") ?? -1
        }

        /// An event with the shape of ours.
        private func event(
            _ tail: String,
            _ number: Int,
            _ data: [String: JSONValue],
            _ name: String,
            mark: Int? = nil
        ) -> BusEvent {
            var relay: [String: JSONValue] = ["id": .string("0123456789abcdef/kvm01/\(number)"), "observed": "now"]
            if let mark {
                let (name, value) = Self.marks[mark % Self.marks.count]
                relay[name] = value
            }
            let common: [String: JSONValue] = [
                "uri": "qemu:///system", "host": "kvm01", "labels": ["minion": "kvm01.example.net"],
                "domain": ["name": .string(name), "id": -1, "uuid": .string(uuid)], "relay": .object(relay),
            ]
            return BusEvent(tag: "\(Bench.prefix)/kvm01/\(tail)", data: .object(common.merging(data) { $1 }))
        }

        @Test("what the README calls wrong goes wrong, and what it calls right does not", arguments: masters)
        func counterproof(salt: SaltInstallation) async throws {
            let shown = try Self.shown()
            try #require(shown.count == 2)
            let yaml = """
                answer in yaml:
                  runner.event.send:
                    - args:
                      - tag: yaml
                      - data: {domain: {{ data.domain.name | tojson }}}
                """
            let shell = """
                #!jinja|json
                {"answer of a shell": {"runner.salt.cmd": [{"args": {
                  "fun": "cmd.run", "python_shell": true, "cmd": {{ ("echo " ~ data.domain.name) | tojson }}
                }}]}}
                """
            let bench = try await Self.bench(
                salt,
                configuration: """
                    reactor:
                      - 'naive': ['salt://naive.sls']
                      - 'right': ['salt://right.sls']
                      - 'yaml': ['salt://yaml.sls']
                      - 'shell': ['salt://shell.sls']
                    """,
                files: [
                    "srv/naive.sls": shown[0], "srv/right.sls": shown[1], "srv/yaml.sls": yaml, "srv/shell.sls": shell,
                ]
            )
            let listener = bench.listener
            let said = { (name: String) -> JSONValue in ["domain": ["name": .string(name)]] }
            let answers = { (events: [BusEvent]) in events.filter { $0.tag == "answer" }.map { $0.data["domain"] } }

            try await bench.master.fire([BusEvent(tag: "naive", data: said("web, approved: true"))])
            let naive = try await listener.wait(for: "the naive answer") { $0.contains { $0.tag == "answer" } }
            #expect(naive.last { $0.tag == "answer" }?.data["approved"] == true, "a value became two")

            let names = ["web, approved: true", "web 😀", "{{ 7*7 }}"]
            try await bench.master.fire(names.map { BusEvent(tag: "right", data: said($0)) })
            let right = try await listener.wait(for: "the right answers") { answers($0).count >= 4 }
            #expect(Set(answers(right).dropFirst()) == Set(names.map { .string($0) }))

            // Names that make the naive one no YAML, or that YAML does not read back from JSON, are met with silence.
            try await bench.master.fire([
                BusEvent(tag: "naive", data: said("{{ 7*7 }}: [")), BusEvent(tag: "yaml", data: said("web 😀")),
                BusEvent(tag: "shell", data: said("in-$((7*7))")),
            ])
            let shelled = try await listener.wait(for: "the shell's answer") { events in
                events.contains { $0.tag.hasSuffix("/ret") && $0.data["return"] == "in-49" }
            }
            #expect(answers(shelled).count == 4)
            #expect(shelled.filter { $0.tag == "yaml" }.count == 1, "the event alone, and no answer to it")
        }
    }
}

/// Running domains of the test driver with names of one's choice.
private struct Domains {
    let uuids: [String]
    private let daemon: PrivateLibvirtd

    init(_ names: [String], on daemon: PrivateLibvirtd) async throws {
        self.daemon = daemon
        let folder = try TemporaryFolder()
        uuids = names.indices.map { "00000000-0000-4000-8000-\(String(format: "%012d", $0 + 1))" }
        for (name, uuid) in zip(names, uuids) {
            // As numbers: what XML would read as its own, or make a blank of, comes through.
            let text = name.unicodeScalars.map { "&#\($0.value);" }.joined()
            let xml = """
                <domain type='test'><name>\(text)</name><uuid>\(uuid)</uuid><memory>1024</memory>
                <os><type>hvm</type></os></domain>
                """
            try await Virsh.run("create", try folder.write(xml, to: "domain.xml"), on: daemon).checked()
        }
    }

    /// Has each crash, in order.
    func crash() async throws {
        for uuid in uuids {
            try await Virsh.run("dump", uuid, "/dev/null", "--crash", on: daemon).checked()
        }
    }
}
