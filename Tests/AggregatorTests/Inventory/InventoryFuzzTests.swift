import Connections
import Foundation
import TestSupport
import Testing

@testable import Aggregator

/// Whatever becomes of a file on its way, reading it ends, with an inventory or with errors that say where.
@Suite(.timeLimit(.minutes(1))) struct InventoryFuzzTests {
    private static let example = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../inventory/example.yaml")

    @Test("2,000 damaged examples end in a clean result", arguments: 0..<20)
    func damaged(seed: UInt64) throws {
        let bytes = Array(try Data(contentsOf: Self.example))
        var random = SeededRandom(seed: seed)
        for _ in 0..<100 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) { Self.damage(&damaged, using: &random) }
            let file = damaged
            let source = FileSource(contents: { _ in file }, names: { _ in [] }, isFolder: { _ in false })
            do throws(ConfigurationErrors) {
                let (inventory, warnings) = try InventoryLoader(files: source).load(path: "f")
                #expect((1...Inventory.hostLimit).contains(inventory.hosts.count))
                #expect(!warnings.hasErrors)
                #expect(Set(inventory.hosts.map(\.host.name)).count == inventory.hosts.count)
            } catch {
                #expect(error.report.hasErrors)
                let lines = file.count { $0 == UInt8(ascii: "\n") } + 2
                for diagnostic in error.report.diagnostics {
                    #expect(diagnostic.position.file == "f")
                    #expect((1...lines).contains(diagnostic.position.line), "\(diagnostic)")
                    #expect(diagnostic.position.column >= 1)
                    #expect(!diagnostic.message.isEmpty && !diagnostic.hint.isEmpty)
                    #expect(diagnostic.description.utf8.count < 4096)
                }
            }
        }
    }

    private static func damage(_ bytes: inout [UInt8], using random: inout SeededRandom) {
        guard !bytes.isEmpty else { return }
        let index = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: bytes.removeSubrange(index...)
        case 2: bytes[index] = 0
        case 3:
            let signs = Array("[]{}:,-*&!|>'\"#%@`\n\t 09".utf8)
            bytes.insert(signs[Int.random(in: 0..<signs.count, using: &random)], at: index)
        case 4:
            let end = min(bytes.count, index + Int.random(in: 1...40, using: &random))
            bytes.removeSubrange(index..<end)
        default:
            let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            let line = Int.random(in: 0..<lines.count, using: &random)
            let copies = Array(repeating: lines[line], count: Int.random(in: 2...30, using: &random))
            bytes = Array((lines[..<line] + copies + lines[(line + 1)...]).joined(separator: [UInt8(ascii: "\n")]))
        }
    }
}
