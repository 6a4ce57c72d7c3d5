import Connections
import Logging
import SaltBus
import Testing

@testable import Aggregator

@Suite struct SettingsLoaderTests {
    private func errors(_ text: String, flags: [String: String] = [:]) -> DiagnosticReport {
        SettingsLoader(files: .memory(["c.yaml": text])).read(path: "c.yaml", flags: flags).report
    }

    @Test("without a file and flags there are the defaults")
    func defaults() throws {
        #expect(SettingsLoader(files: .memory([:])).read(path: nil, flags: [:]).settings == Settings())
    }

    @Test("the table's defaults are those of the settings", arguments: SettingsKey.all.map(\.name))
    func tableDefaults(name: String) throws {
        let key = try #require(SettingsKey.all.first { $0.name == name })
        var settings = Settings()
        // Of these the settings know whether they were given, whatever they say.
        let isTold = ["admin.socket", "run_dir"].contains(name)
        if let standard = key.standard, !isTold { try key.parser.parse(standard)(&settings) }
        #expect(settings == Settings())
    }

    @Test("every key is read from the file, and a flag wins over it")
    func fileAndFlags() throws {
        let file = """
            inventory: file.yaml
            bus:
              salt_config: /m
              sock_dir: /s
              pub: /pub
              pull: tcp://127.0.0.1:4513
              confirm: write
              framing: length-prefixed
              window: 16
              budget: 500
              echo_deadline: 1s
              stamp: naive
            connect: {fast: 1s, slow: 1m}
            backoff: {base: 2s, cap: 2m}
            probe: 10s
            probe_deadline: 2s
            audit: 1h
            flap_limit: 3 per 1m
            spool: {path: /j, durability: power}
            log: {format: json, level: debug}
            stop_timeout: 3s
            """
        let files = FileSource.memory(["c.yaml": file])
        var expected = Settings(
            inventory: "file.yaml",
            bus: Settings.Bus(
                saltConfig: "/m",
                sockDir: "/s",
                pub: .unix("/pub"),
                pull: .tcp(host: "127.0.0.1", port: 4513),
                confirm: .write,
                framing: .lengthPrefixed,
                window: 16,
                budget: .rate(500),
                echoDeadline: .seconds(1),
                stamp: .naive
            ),
            connect: Settings.Connect(fast: .seconds(1), slow: .seconds(60)),
            backoff: Settings.Backoff(base: .seconds(2), cap: .seconds(120)),
            probe: .seconds(10),
            probeDeadline: .seconds(2),
            audit: .seconds(3600),
            flapLimit: FlapLimit(count: 3, within: .seconds(60)),
            spool: Settings.Spool(path: "/j", durability: .power),
            log: Settings.Log(format: .json, level: .debug),
            stopTimeout: .seconds(3)
        )
        #expect(SettingsLoader(files: files).read(path: "c.yaml", flags: [:]).settings == expected)
        expected.inventory = "flag.yaml"
        expected.bus.window = 32
        let flags = ["inventory": "flag.yaml", "bus.window": "32"]
        #expect(SettingsLoader(files: files).read(path: "c.yaml", flags: flags).settings == expected)
    }

    @Test("the file is found at its standard path")
    func standardPath() throws {
        let files = FileSource.memory([SettingsLoader.standardPath: "bus: {window: 7}"])
        #expect(SettingsLoader(files: files).read(path: nil, flags: [:]).settings.bus.window == 7)
    }

    @Test("a file that was asked for must exist, and one that exists must be readable")
    func missingFile() {
        let missing = SettingsLoader(files: .memory([:])).read(path: "c.yaml", flags: [:]).report
        #expect(
            missing.lines == ["c.yaml:1:1: error: the settings file does not exist; create it or give another path"]
        )
        let files = FileSource.memory([:], refused: [SettingsLoader.standardPath])
        #expect(SettingsLoader(files: files).read(path: nil, flags: [:]).report.hasErrors)
    }

    @Test(
        "a mistake is told at its place, with what to write",
        arguments: [
            ("bus: {wndow: 1}", "1:7 unknown-key", "write window"),
            ("bus.window: 1", "1:1 unknown-key", "nest it, as in bus: {window: …}"),
            ("connect.parallel.fast: 1", "1:1 unknown-key", "nest it, as in connect: {parallel: {fast: …}}"),
            ("connect: {parallel.fast: 1}", "1:11 unknown-key", "nest it, as in parallel: {fast: …}"),
            ("connect: {parallel: 64}", "1:21 wrong-type", "write key: value lines below connect.parallel"),
            ("connect: {parallel: {fats: 1}}", "1:22 unknown-key", "write fast"),
            ("admin: {socket: /run/}", "1:17 invalid-value", "add a name, for example admin.sock"),
            ("inventry: x", "1:1 unknown-key", "write inventory"),
            ("bus: 5", "1:6 wrong-type", "write key: value lines below bus"),
            ("stop_timeout: 5", "1:15 invalid-value", "write 5s for seconds"),
            ("stop_timeout:", "1:14 missing-value", "write a duration from 1s to 1h"),
            ("bus: {window: 0}", "1:15 invalid-value", "write a whole number from 1 to 4096"),
            ("bus: {budget: 0}", "1:15 invalid-value", "write auto, off, or events per second from 1 to 1000000"),
            ("bus: {budget: atuo}", "1:15 invalid-value", "write auto, off, or events per second from 1 to 1000000"),
            (
                "bus: {pub: tcp://10.0.0.1:4512}", "1:12 invalid-value",
                "write tcp://127.0.0.1:port or tcp://[::1]:port"
            ),
            (
                "bus: {pub: master.ipc}", "1:12 invalid-value",
                "write the socket's absolute path or tcp://127.0.0.1:port"
            ),
            ("bus: {pub: tcp://127.0.0.1}", "1:12 invalid-value", "write tcp://127.0.0.1:port"),
            (
                "log: {level: warn}", "1:14 invalid-value",
                "use one of trace, debug, info, notice, warning, error, critical"
            ),
            ("backoff: {base: 30s}", "1:17 invalid-value", "write a cap that is at least the base"),
            ("probe: off", "1:8 invalid-value", "write a long duration, at most 1d"),
            ("audit: off", "1:8 invalid-value", "write a long duration, at most 7d"),
            ("{probe: 2, probe_deadline: 1m}", "1:9 invalid-value", "write 2s for seconds"),
            ("probe: 2d", "1:8 invalid-value", "write a duration from 100ms to 1d"),
            ("probe: 3s", "1:8 invalid-value", "write a deadline that is at most probe"),
            ("probe_deadline: 1m", "1:17 invalid-value", "write a deadline that is at most probe"),
            ("audit: 0s", "1:8 invalid-value", "write a duration from 1s to 7d"),
            ("audti: 5m", "1:1 unknown-key", "write audit"),
            (
                "flap_limit: 6", "1:13 invalid-value",
                "write a number and a time, as in 6 per 10m: from 2 to 1000, per 1s to 1d"
            ),
            (
                "flap_limit: 1 per 10m", "1:13 invalid-value",
                "write a number and a time, as in 6 per 10m: from 2 to 1000, per 1s to 1d"
            ),
            ("flap_limit: 6 per 10", "1:13 invalid-value", "write 10s for seconds"),
            (
                "bus: {confirm: write}", "1:16 missing-value",
                "add bus.framing: length-prefixed for Salt 3006.26, 3007.15, 3008.2 and newer, bare for older ones"
            ),
            (
                "bus: {framing: bare}", "1:16 invalid-value",
                "remove it, or set bus.confirm: write where pub cannot be read"
            ),
            ("bus: {confirm: write, framing: prefixed}", "1:32 invalid-value", "use one of bare, length-prefixed"),
            ("bus: {confirm: wirte, framing: bare}", "1:16 invalid-value", "write write"),
            ("backoff: {base: 0s}", "1:17 invalid-value", "write a duration from 1ms to 1d"),
            ("bus: {window: 1, window: 2}", "1:18 duplicate-key", "remove it here or on line 1"),
        ]
    )
    func mistakes(text: String, place: String, hint: String) {
        let report = errors(text)
        #expect(report.places == [place])
        #expect(report.diagnostics.map(\.hint) == [hint])
    }

    @Test("mistakes of flags are told with those of the file, named by their flag")
    func flagMistakes() {
        let report = errors("bus: {stamp: x}", flags: ["bus.window": "many", "connect.fast": "2"])
        #expect(report.diagnostics.map(\.position.file) == ["--bus-window", "--connect-fast", "c.yaml"])
        #expect(report.lines[1] == "--connect-fast: error: '2' has no unit; write 2s for seconds")
        #expect(report.exitStatus == .usage)
    }

    @Test("a flag may undo what the file made wrong together")
    func flagMends() {
        #expect(errors("bus: {confirm: write}", flags: ["bus.framing": "bare"]).isEmpty)
        #expect(errors("bus: {framing: bare}", flags: ["bus.confirm": "write"]).isEmpty)
        #expect(errors("bus: {confirm: write, framing: bare}", flags: ["bus.confirm": "echo"]).diagnostics.count == 1)
        #expect(
            errors("", flags: ["bus.confirm": "write", "bus.framing": "x"]).diagnostics.map(\.position.file)
                == ["--bus-framing"]
        )
        #expect(errors("backoff: {base: 30s}", flags: ["backoff.cap": "1m"]).isEmpty)
        let report = errors("backoff: {base: 10s}", flags: ["backoff.cap": "1s"])
        #expect(report.diagnostics.map(\.position.file) == ["--backoff-cap"])
    }
}
