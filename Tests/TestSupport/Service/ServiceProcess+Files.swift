import Foundation

extension ServiceProcess {
    /// The inventory file of these hosts.
    package static func inventory(of hosts: [(name: String, uri: String)]) -> String {
        inventory(hosts.map { ListedHost($0.name, $0.uri) })
    }

    /// The binary to test: `VIRT_AGGREGATOR_BINARY`, or the one that was built with these tests, or the debug build.
    package static var binary: String {
        let given = ProcessInfo.processInfo.environment["VIRT_AGGREGATOR_BINARY"]
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let beside = (tests as NSString).deletingLastPathComponent + "/virt-aggregator"
        return given
            ?? (FileManager.default.fileExists(atPath: beside)
                ? beside : Repository.path(".build/debug/virt-aggregator"))
    }

    /// The release build, which carries Swift with it and so runs where only its C libraries are:
    /// `VIRT_AGGREGATOR_BINARY`, or as `make release` leaves it.
    package static var releaseBinary: String {
        ProcessInfo.processInfo.environment["VIRT_AGGREGATOR_BINARY"]
            ?? Repository.path(".build/release/virt-aggregator")
    }

    /// The binary where the account may read it: a checkout may be where another user cannot go, or not be seen at all.
    package static func readable(
        _ binary: String,
        by account: Account = .current,
        at place: Place,
        in folder: TemporaryFolder
    ) throws -> String {
        guard FileManager.default.fileExists(atPath: binary) else { throw SystemError(binary, ENOENT) }
        if account == .current, !place.hasOwnFiles { return binary }
        try FileManager.default.copyItem(atPath: binary, toPath: folder.file("virt-aggregator"))
        return folder.file("virt-aggregator")
    }
}
