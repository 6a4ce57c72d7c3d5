import Testing

@testable import Aggregator

@Suite struct AdminSocketSettingTests {
    @Test(
        "the admin socket is where it is said to be, or in the run folder, or nowhere",
        arguments: [
            ([:], "/run/virt-aggregator/admin.sock", false),
            (["run_dir": "/tmp/r"], "/tmp/r/admin.sock", true),
            (["admin.socket": "/tmp/a.sock", "run_dir": "/tmp/r"], "/tmp/a.sock", true),
            (["admin.socket": "off"], nil, true),
        ] as [([String: String], String?, Bool)]
    )
    func path(flags: [String: String], path: String?, isExplicit: Bool) {
        let (settings, report) = SettingsLoader(files: .memory([:])).read(path: nil, flags: flags)
        #expect(report.isEmpty)
        #expect(settings.adminSocketPath == path)
        #expect(settings.isAdminSocketExplicit == isExplicit)
    }

    @Test("a path that no socket can have is refused")
    func tooLong() {
        let path = "/" + String(repeating: "x", count: AdminSocketSetting.pathLimit)
        let (_, report) = SettingsLoader(files: .memory([:])).read(path: nil, flags: ["admin.socket": path])
        #expect(report.exitStatus == .usage)
        #expect(report.lines.first?.contains("at most 104 bytes") == true)
    }

    @Test("the caps of attempts and the grace are read three levels deep")
    func parallel() {
        let text = "connect: {fast: 1s, parallel: {fast: 5, jump: 2}}\ndown_grace: 30s\n"
        let (settings, report) = SettingsLoader(files: .memory(["c": text])).read(
            path: "c",
            flags: ["connect.parallel.slow": "3"]
        )
        #expect(report.isEmpty)
        #expect(settings.connect.parallel == Settings.Parallel(fast: 5, slow: 3, jump: 2))
        #expect(settings.downGrace == .seconds(30))
    }
}
