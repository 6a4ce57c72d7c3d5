import ArgumentParser
import Connections
import SaltBus
import Testing

@testable import Aggregator

@Suite struct ConfigurationCheckTests {
    private let good = "hosts: {a: qemu:///system, b: lxc:///}"

    @Test("a right configuration is summed up in one line")
    func ok() {
        let files = FileSource.memory(["i.yaml": good, "c.yaml": "inventory: i.yaml"])
        for (config, flags) in [(nil, ["inventory": "i.yaml"]), ("c.yaml", [:])] as [(String?, [String: String])] {
            let check = ConfigurationCheck(config: config, flags: flags, files: files)
            #expect(check.summary == "ok: 2 hosts, 0 warnings")
            #expect(check.report.exitStatus == .ok)
        }
    }

    @Test("warnings are printed and stop nothing")
    func warnings() {
        let files = FileSource.memory(["i.yaml": "hosts: {a: {uri: 'qemu:///system', filters: [host]}}"])
        let check = ConfigurationCheck(config: nil, flags: ["inventory": "i.yaml"], files: files)
        #expect(check.summary == "ok: 1 host, 1 warning")
        #expect(check.report.exitStatus == .ok)
    }

    @Test("mistakes of the settings and of the inventory they name are told together")
    func both() {
        let files = FileSource.memory(["i.yaml": "hosts: {a: x}", "c.yaml": "inventory: i.yaml\nlog: {level: loud}"])
        let check = ConfigurationCheck(config: "c.yaml", flags: [:], files: files)
        #expect(check.report.diagnostics.map(\.position.description) == ["c.yaml:2:14", "i.yaml:1:12"])
        #expect(check.report.exitStatus == .configuration)
        #expect(check.summary == nil)
    }

    @Test("without an inventory it is libvirt's own choice, named after the machine")
    func noInventory() {
        let machine = LocalMachine(hostName: "kvm01.example.net", libvirtConf: nil)
        let check = ConfigurationCheck(config: nil, flags: [:], files: .memory([:]), machine: machine)
        #expect(check.report.isEmpty)
        #expect(check.source == .none)
        #expect(check.inventory == .local(machine))
        #expect(check.inventory?.hosts.map(\.host.uri) == [.unspecified])
        #expect(check.summary == "ok: no inventory: libvirt's default local connection as kvm01, 0 warnings")
        let broken = ConfigurationCheck(config: "c", flags: [:], files: .memory(["c": "inventry: i"]), machine: machine)
        #expect(broken.inventory == nil, "the mistake may be the one that hides the inventory")
    }

    @Test("--engine goes over the settings file, and not beside --inventory")
    func engine() {
        let files = FileSource.memory([
            "i.yaml": good, "c.yaml": "inventory: i.yaml", "e.conf": "engines: [libvirt_events: {uri: 'lxc:///'}]",
        ])
        let check = ConfigurationCheck(config: "c.yaml", flags: [:], engine: "e.conf", files: files)
        #expect(check.source == .engine(path: "e.conf"))
        #expect(check.summary == "ok: 1 host, 0 warnings")
        let both = ConfigurationCheck(config: nil, flags: ["inventory": "i.yaml"], engine: "e.conf", files: files)
        #expect(both.report.diagnostics.map(\.position.file) == ["--engine"])
        #expect(both.report.exitStatus == .usage)
        #expect(both.summary == nil)
    }

    @Test(
        "a command line that ArgumentParser refuses is a usage error",
        arguments: [["--bogus"], ["check", "--bus-window"], ["chek"]]
    )
    func usage(arguments: [String]) {
        let error = #expect(throws: (any Error).self) { try VirtAggregator.parseAsRoot(arguments) }
        #expect(error.map { VirtAggregator.exitCode(for: $0) } == CommandExit.usage.exitCode)
    }

    @Test("commands end with the numbers of the contract")
    func exitStatus() {
        let all: [CommandExit] = [.ok, .failed, .usage, .unavailable, .configuration]
        #expect(all.map(\.exitCode.rawValue) == [0, 1, 64, 69, 78])
    }

    @Test("run looks for the master, too, and tells what is wrong there with the rest")
    func master() {
        let files = FileSource.memory(["i.yaml": "hosts: {a: x}"])
        let check = ConfigurationCheck(config: nil, flags: ["inventory": "i.yaml"], files: files, needsMaster: true)
        #expect(check.report.diagnostics.map(\.position.description) == ["/etc/salt/master:1:1", "i.yaml:1:12"])
        #expect(check.bus == nil)
        let flags = ["inventory": "g.yaml", "bus.sock_dir": "/run/salt"]
        let good = ConfigurationCheck(
            config: nil,
            flags: flags,
            files: .memory(["g.yaml": self.good]),
            needsMaster: true
        )
        #expect(good.report.isEmpty)
        #expect(good.bus?.pubAddress == .unix("/run/salt/master_event_pub.ipc"))
    }
}
