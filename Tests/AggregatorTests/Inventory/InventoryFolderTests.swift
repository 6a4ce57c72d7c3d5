import Connections
import Foundation
import TestSupport
import Testing

@testable import Aggregator

@Suite struct InventoryFolderTests {
    private func load(_ files: [String: String]) throws(ConfigurationErrors) -> Inventory {
        try InventoryLoader(files: .memory(files)).load(path: "inv").inventory
    }

    private func errors(_ files: [String: String]) -> [String] {
        do throws(ConfigurationErrors) {
            _ = try load(files)
            return []
        } catch {
            return error.report.lines
        }
    }

    @Test("the files of a folder are one inventory, in the order of their names")
    func order() throws {
        let inventory = try load([
            "inv/20.yml": "hosts: {c: 'qemu://c/'}\ndefaults: {labels: {b: '2', c: '2'}, keepalive: {count: 9}}",
            "inv/10.yaml": "hosts: {a: 'qemu://a/'}\ngroups: {g: {uri: 'qemu://{name}/', hosts: [b]}}",
            "inv/00-defaults.yaml": "defaults: {tag_prefix: p, labels: {a: '1', b: '1'}, keepalive: {interval: 1s}}",
            "inv/.hidden.yaml": "hosts: [", "inv/notes.txt": "hosts: [", "inv/10.yaml~": "hosts: [",
        ])
        #expect(inventory.hosts.map(\.host.name) == ["a", "b", "c"])
        #expect(inventory.tagPrefix == "p")
        for host in inventory.hosts {
            #expect(host.labels == Labels(["a": "1", "b": "2", "c": "2"]))
            #expect(host.host.keepalive == Keepalive(interval: .seconds(1), count: 9))
        }
    }

    @Test("errors of all files are told together, a host or group of two files with both places")
    func together() {
        let lines = errors([
            "inv/a.yaml": "hosts: {a: 'qemu://a/', b: x}\ngroups: {g: {uri: 'qemu://{name}/', hosts: [k1]}}",
            "inv/b.yaml": "hosts: {a: 'qemu://b/'}\ngroups: {g: {uri: 'qemu://{name}/', hosts: [k2]}}",
            "inv/c.yaml": "hosts: [",
            "inv/d.yaml": "host: {}",
        ])
        #expect(lines.count == 5)
        #expect(lines[0].hasPrefix("inv/a.yaml:1:28: error: b: 'x' has no scheme"))
        #expect(lines[1].hasPrefix("inv/b.yaml:1:9: error: a is in hosts and already in hosts, at inv/a.yaml:1:9; "))
        #expect(lines[2].hasPrefix("inv/b.yaml:2:10: error: group 'g' is written at inv/a.yaml:2:10 already; "))
        #expect(lines[3].hasPrefix("inv/c.yaml:2:1: error: "))
        #expect(lines[4] == "inv/d.yaml:1:1: error: 'host' is no key of the inventory; write hosts")
    }

    @Test("a folder without files, and files without hosts, are errors")
    func empty() {
        #expect(errors(["inv/x.txt": ""]).map { $0.hasPrefix("inv:1:1: error: the folder has no inventory") } == [true])
        #expect(
            errors(["inv/a.yaml": "defaults: {}", "inv/b.yaml": "defaults: {}\nhosts: {}"]).map {
                $0.hasPrefix("inv/b.yaml:2:1: error: the inventory has no hosts")
            } == [true]
        )
    }

    @Test("more files than the largest fleet has racks are refused")
    func limit() {
        let files = (0...1000).map { ("inv/\($0).yaml", "hosts: [") }
        let error = errors(Dictionary(uniqueKeysWithValues: files))
        #expect(error.map { $0.hasPrefix("inv:1:1: error: the folder has more than 1000") } == [true])
    }

    @Test("the limit of hosts is that of all files together")
    func hostLimit() {
        let group = { (name: String) in "groups: {\(name): {uri: 'qemu://{name}/', hosts: ['\(name)[0-4999]']}}" }
        let files = ["inv/a.yaml": group("a"), "inv/b.yaml": group("b"), "inv/c.yaml": "hosts: {c: lxc:///}"]
        #expect(
            errors(files) == ["inv/c.yaml:1:9: error: more than 10000 hosts; watch the others from a second service"]
        )
    }

    @Test("a folder of the disk is read, with or without its last slash", arguments: ["", "/"])
    func disk(slash: String) throws {
        let folder = try TemporaryFolder()
        _ = try folder.write("hosts: {b: 'qemu://b/'}", to: "b.yaml")
        _ = try folder.write("hosts: {a: 'qemu://a/'}", to: "a.yml")
        let (inventory, _) = try InventoryLoader(files: .disk).load(path: folder.path + slash)
        #expect(inventory.hosts.map(\.host.name) == ["a", "b"])
    }

    @Test("what cannot be looked at is an error and hides no hosts; folders and pipes are passed over")
    func unreadable() throws {
        let folder = try TemporaryFolder()
        try folder.write("hosts: {b: 'qemu://b/'}", to: "b.yaml")
        try folder.makeFolder("c.yaml")
        #expect(mkfifo(folder.file("d.yaml"), 0o600) == 0)
        let loader = InventoryLoader(files: .disk)
        #expect(try loader.load(path: folder.path).inventory.hosts.map(\.host.name) == ["b"])
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("a.yaml"),
            withDestinationPath: folder.file("nowhere")
        )
        let error = #expect(throws: ConfigurationErrors.self) { try loader.load(path: folder.path) }
        #expect(error?.report.diagnostics.map(\.code) == [.unreadableFile])
        #expect(error?.report.diagnostics.map(\.position.file) == [folder.file("a.yaml")])
    }

    @Test("a folder that cannot be listed is an error that says why")
    func refusedFolder() {
        let files = FileSource(
            contents: { _ throws(FileSource.Unreadable) in throw .missing },
            names: { _ throws(FileSource.Unreadable) in throw .refused("Stale file handle") },
            isFolder: { _ in true }
        )
        let error = #expect(throws: ConfigurationErrors.self) { try InventoryLoader(files: files).load(path: "inv") }
        #expect(error?.report.lines.count == 1)
        #expect(error?.report.lines.first?.contains("Stale file handle") == true)
    }

    @Test("the disk says what is at a path, and whom it is for")
    func state() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("", to: "file")
        let modes: [(mode: Int, state: FileSource.State)] = [
            (0o600, .file(isForOwnerOnly: true)), (0o400, .file(isForOwnerOnly: true)),
            (0o640, .file(isForOwnerOnly: false)), (0o604, .file(isForOwnerOnly: false)),
        ]
        for (mode, state) in modes {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
            #expect(FileSource.disk.state(file) == state)
        }
        #expect(FileSource.disk.state(folder.path) == .folder)
        #expect(FileSource.disk.state(file + "/below") == .missing)
        #expect(FileSource.disk.state(folder.file("none")) == .missing)
    }
}
