import Foundation
import TestSupport
import Testing

@testable import Connections

@Suite("Folder of a transport")
struct TransportFolderTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private var runDir: String { folder.file("run") }

    private func make(_ number: Int = 1) throws -> TransportFolder {
        try TransportFolder(
            runDir: runDir,
            host: "kvm01.example",
            number: number,
            launcher: "/bin/true",
            role: .ssh(configuration: "Host *\n", jump: "me@jump:22")
        )
    }

    private var entries: [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: runDir + "/transport")) ?? []
    }

    @Test("it holds the link and the configuration, for this user alone, and goes with its object")
    func life() throws {
        var transport: TransportFolder? = try make()
        let path = try #require(transport?.path)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path + "/ssh") == "/bin/true")
        #expect(FirstLine.read(path + "/ssh_config") == "#me@jump:22")
        for (file, mode) in [(path, 0o700), (path + "/ssh_config", 0o600)] {
            let attributes = try FileManager.default.attributesOfItem(atPath: file)
            #expect(attributes[.posixPermissions] as? Int == mode)
        }
        #expect(entries.count == 1)
        transport = nil
        #expect(entries == [])
    }

    @Test("a run folder that others may write to, or a link in its place, is refused with the remedy")
    func foreign() throws {
        try FileManager.default.createDirectory(atPath: runDir, withIntermediateDirectories: false)
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: runDir)
        let failure = #expect(throws: EstablishFailure.self) { _ = try make() }
        #expect(failure?.reason == .client)
        #expect(failure?.message.contains("set run_dir") == true)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: runDir)
        let elsewhere = try folder.makeFolder("elsewhere")
        try FileManager.default.createSymbolicLink(atPath: runDir + "/transport", withDestinationPath: elsewhere)
        #expect(throws: EstablishFailure.self) { _ = try make() }
        #expect(try FileManager.default.contentsOfDirectory(atPath: elsewhere) == [])
    }

    @Test("what a killed service left is removed at the next start, what a living one has is not")
    func leftovers() throws {
        let mine = try make()
        let parent = runDir + "/transport"
        // No process has this number: it is beyond what the kernel gives out.
        for name in ["kvm01.example.\(Int32.max).7", "kvm02.1.3", "readme"] {
            try FileManager.default.createDirectory(atPath: "\(parent)/\(name)", withIntermediateDirectories: false)
            try Data().write(to: URL(fileURLWithPath: "\(parent)/\(name)/pid"))
        }
        TransportFolder.removeLeftovers(in: runDir)
        // A folder of our own pid is one of a former life: the service looks before its first attempt.
        #expect(entries.sorted() == ["kvm02.1.3", "readme"])
        withExtendedLifetime(mine) {}
    }
}
