import Connections
import Foundation
import TestSupport
import Testing

@testable import Aggregator

/// Whatever becomes of a file on its way, reading it ends, with an inventory or with errors that say where.
@Suite(.timeLimit(.minutes(10))) struct InventoryFuzzTests {
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
            engine(source, lines: file.count { $0 == UInt8(ascii: "\n") } + 2)
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

    /// The same bytes as the configuration of Salt's engine.
    private func engine(_ source: FileSource, lines: Int) {
        do throws(ConfigurationErrors) {
            let (inventory, warnings) = try InventoryLoader(files: source).load(engine: "f")
            #expect(!inventory.hosts.isEmpty && !warnings.hasErrors)
        } catch {
            #expect(error.report.hasErrors)
            #expect(error.report.diagnostics.allSatisfy { (1...lines).contains($0.position.line) })
        }
    }

    /// Texts that are small or plain and could become large or slow.
    private static let hostile: [(name: String, text: String)] = [
        (
            "anchors of anchors",
            (1...30).reduce("a0: &a0 [x, x]\n") { $0 + "a\($1): &a\($1) [*a\($1 - 1), *a\($1 - 1)]\n" }
        ),
        ("one anchor everywhere", "a: &a [\(list("x", 2000))]\nb: [\(list("*a", 2000))]\n"),
        ("a value of 10 MB", "hosts: {a: {uri: 'lxc:///', tag_prefix: \(long)}}"),
        ("a path of 10 MB", "hosts: {a: {uri: 'lxc:///', auth: /\(long)}}"),
        ("a user of 10 MB", "hosts: {a: {uri: 'qemu+ssh://h/', user: \(long)}}"),
        ("a jump host of 10 MB", "hosts: {a: {uri: 'qemu+ssh://h/', ssh: {jump: \(long)}}}"),
        ("a pattern of 10 MB", "hosts: {a: {uri: 'lxc:///', domains: ['\(long)*']}}"),
        ("a key of 10 MB", "hosts: {a: {? \(long) : x}}"), ("an alias of 10 MB", "hosts: {a: \(long)}"),
        ("10 MB of a comment", "# \(long)\nhosts: {"), ("NUL bytes", "hosts: {a: 'lxc:///\0', \0: x}"),
        ("NUL bytes alone", String(repeating: "\0", count: 1_000_000)),
        ("nested lists", String(repeating: "[", count: 1_000_000)),
        ("nested mappings", String(repeating: "{a: ", count: 100_000)),
        ("nested by indentation", (0..<500).map { String(repeating: " ", count: $0) + "a:\n" }.joined()),
        ("100,000 hosts", "hosts:\n" + (0..<100_000).map { "  h\($0): lxc://h\($0)/\n" }.joined()),
        (
            "50,000 labels",
            "hosts: {a: {uri: 'lxc:///', labels: {\((0..<50_000).map { "l\($0): x" }.joined(separator: ", "))}}}"
        ),
        ("more than a file may have", String(repeating: "#\n", count: 9 << 20)),
    ]
    private static let long = String(repeating: "x", count: 10_000_000)

    private static func list(_ item: String, _ count: Int) -> String {
        Array(repeating: item, count: count).joined(separator: ", ")
    }

    @Test("a file made to be slow or large ends in few, short errors", arguments: hostile.indices)
    func refused(index: Int) {
        let (name, text) = Self.hostile[index]
        let bytes = Array(text.utf8)
        let source = FileSource(contents: { _ in bytes }, names: { _ in [] }, isFolder: { _ in false })
        for load in [InventoryLoader(files: source).load(path:), InventoryLoader(files: source).load(engine:)] {
            let error = #expect(throws: ConfigurationErrors.self, "\(name)") { try load("f") }
            #expect((1...40).contains(error?.report.diagnostics.count ?? 0), "\(name)")
            #expect(error?.report.diagnostics.allSatisfy { $0.description.utf8.count < 4096 } == true, "\(name)")
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
