import Connections
import Foundation
import Testing

@testable import Aggregator

/// The README is the contract: what the tables of the code know stands there.
@Suite("Contract")
struct ContractTests {
    private let readme: String

    init() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        readme = try String(contentsOf: root.appendingPathComponent("README.md"), encoding: .utf8)
    }

    @Test("every kind of event", arguments: EventKind.all.map(\.path))
    func kinds(path: String) {
        #expect(readme.contains("`\(path)`"))
    }

    @Test("every reason for a host to be down", arguments: DownReason.allCases.map(\.rawValue))
    func reasons(reason: String) {
        let list = readme.firstMatch(of: #/(?s)Reasons: `(.*?)`/#)?.output.1.split { " \n".contains($0) } ?? []
        #expect(list.contains { $0 == reason })
    }

    @Test("every setting", arguments: SettingsKey.all.map(\.name))
    func settings(name: String) {
        let last = name.split(separator: ".").last.map(String.init) ?? name
        #expect(
            readme.contains("\(last):") || ["sock_dir", "pub", "pull"].contains { $0 == last && readme.contains($0) }
        )
    }

    @Test("every exit code", arguments: [0, 1, 64, 69, 78])
    func exits(code: Int) {
        #expect(CommandExit(rawValue: Int32(code)) != nil)
        #expect(readme.contains(#/Exit codes:[^.]*/#) && readme.contains("\(code)"))
    }
}
