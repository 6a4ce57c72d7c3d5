import Connections
import Foundation
import Testing

@testable import Aggregator

/// Holds the folder `inventory/` to what the code accepts.
@Suite struct InventoryDocumentationTests {
    private let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../inventory")

    @Test("the example is right, without a warning")
    func example() throws {
        let path = folder.appending(path: "example.yaml").path
        let (inventory, warnings) = try InventoryLoader(files: .disk).load(path: path)
        let rack7 = [1, 2, 3, 4, 9, 12, 13, 14].map { $0 < 10 ? "kvm70\($0)" : "kvm7\($0)" }
        let blades = (8...9).flatMap { rack in (1...4).map { "rack\(rack)-blade\($0)" } }
        #expect(
            inventory.hosts.map(\.host.name) == ["kvm01", "kvm02", "kvm03", "lxc01", "local"] + rack7 + blades + [
                "kvm90"
            ]
        )
        #expect(warnings.isEmpty)
    }

    @Test("every key stands in the table of the README")
    func keys() throws {
        let readme = try String(contentsOf: folder.appending(path: "README.md"), encoding: .utf8)
        let keys =
            InventoryKey.group + InventoryKey.Keepalive.allCases.map { "keepalive.\($0.rawValue)" }
            + InventoryKey.SSH.allCases.map { "ssh.\($0.rawValue)" }
            + InventoryKey.TLS.allCases.map { "tls.\($0.rawValue)" }
        for key in keys { #expect(readme.contains("| `\(key)` |")) }
    }

    @Test("every filter stands in the README, in its object's row")
    func filters() throws {
        let readme = try String(contentsOf: folder.appending(path: "README.md"), encoding: .utf8)
        let rows = readme.split(separator: "\n")
        for word in FilterWord.known {
            guard let object = word.object else { continue }
            let row = rows.first { $0.hasPrefix("| `\(object)` |") }
            #expect(row?.contains("`\(word.event ?? object)`") == true, "\(word.path)")
        }
    }
}
