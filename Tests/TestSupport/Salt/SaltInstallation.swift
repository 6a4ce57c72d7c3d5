import Foundation

/// A release of Salt in a Python environment of its own, as `make setup` leaves it.
package struct SaltInstallation: Sendable, Hashable, CustomStringConvertible {
    package let version: String

    package init(_ version: String) {
        self.version = version
    }

    /// The releases that tests run against; `ops/salt-versions` has them, the first of each line, the usual one first.
    package static let all: [SaltInstallation] = {
        let file = Repository.path("ops/salt-versions")
        let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
        let versions = text.split(separator: "\n").compactMap { $0.split(separator: " ").first }
        return versions.map { SaltInstallation(String($0)) }
    }()

    /// The newest release of each series: 3006, 3007 and so on.
    package static let newest: [SaltInstallation] = {
        let series = Dictionary(grouping: all) { $0.version.prefix { $0 != "." } }
        return series.values.compactMap { $0.max { $0.patch < $1.patch } }.sorted { $0.version < $1.version }
    }()

    private var patch: Int { Int(version.drop { $0 != "." }.dropFirst()) ?? 0 }

    package var description: String { version }

    package var folder: String { "\(Repository.cache)/salt-\(version)" }

    package var isThere: Bool {
        FileManager.default.fileExists(atPath: "\(folder)/.whole")
    }

    /// What an account can use: this folder, or a copy of it where the account may not enter the way to it.
    func usable(by account: Account, in temporary: TemporaryFolder) async throws -> String {
        let copy = temporary.file("salt")
        if account == .current { return folder }
        if FileManager.default.fileExists(atPath: copy) { return copy }
        let look = try await run(["test", "-r", "\(folder)/.whole"], as: account)
        if look.status == .success { return folder }
        // Links where the file system allows: 10,000 files take seconds to copy. Nothing writes to them.
        let links = try await run(["cp", "-al", folder, copy])
        if links.status != .success {
            try await run(["cp", "-aT", "--remove-destination", folder, copy]).checked()
        }
        return copy
    }
}

/// The files of the repository that this was built from.
package enum Repository {
    package static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .path

    package static func path(_ name: String) -> String { "\(root)/\(name)" }

    /// Where setup puts what it makes.
    static let cache: String = {
        let environment = ProcessInfo.processInfo.environment
        return "\(environment["XDG_CACHE_HOME"] ?? "\(environment["HOME"] ?? "")/.cache")/virt-aggregator-dev"
    }()
}
