internal import Connections
internal import Foundation

/// The demo's files: its test hypervisors and its spool.
struct DemoFolder: Sendable {
    let path: String

    init() throws {
        // Its path goes into URIs as it is: one that would not stand there is not used.
        let wanted = NSTemporaryDirectory()
        let isPlain = wanted.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"?#%".utf8.contains($0) }
        path = (isPlain ? wanted : "/tmp/") + "virt-aggregator-demo-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
    }

    /// Writes a test hypervisor's file.
    func node(_ name: String) throws -> TestNode {
        let node = TestNode(name: name, folder: path)
        try node.description.write(toFile: node.file, atomically: true, encoding: .utf8)
        return node
    }

    func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }
}

extension Inventory {
    /// The demo's hosts.
    init(demo nodes: [TestNode]) throws(LibvirtURI.Malformed) {
        var hosts: [InventoryHost] = []
        for node in nodes {
            let host = Host(name: node.name, uri: try LibvirtURI("test://\(node.file)"))
            hosts.append(
                InventoryHost(host: host, labels: Labels(), tagPrefix: TagPrefix.standard, filter: .all)
            )
        }
        self.init(hosts: hosts, tagPrefix: TagPrefix.standard)
    }
}
