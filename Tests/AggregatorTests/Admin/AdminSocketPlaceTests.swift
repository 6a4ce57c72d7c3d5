import Foundation
import TestSupport
import Testing

@testable import Aggregator

@Suite("Place of the admin socket")
struct AdminSocketPlaceTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// A socket that is bound, and listened on unless it is to look left over.
    private func bind(_ path: String, listening: Bool = true) -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Foundation.bind(descriptor, $0, size) }
        }
        #expect(result == 0)
        if listening { #expect(listen(descriptor, 1) == 0) }
        return descriptor
    }

    private func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }

    @Test("the socket is made where nobody can reach it, gets its mode, and then its place; it goes with the service")
    func life() throws {
        let path = folder.file("new/admin.sock")
        let place = try AdminSocketPlace(path: path)
        let parent = (place.bindPath as NSString).deletingLastPathComponent
        let mode = try FileManager.default.attributesOfItem(atPath: parent)[.posixPermissions] as? Int
        #expect(mode == 0o700)
        let descriptor = bind(place.bindPath)
        defer { close(descriptor) }
        #expect(!FileManager.default.fileExists(atPath: path))
        try place.publish()
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o660)
        #expect(!FileManager.default.fileExists(atPath: parent))
        #expect(Loopback.accepts(path))
        place.remove()
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("new")) == ["admin.sock.lock"])
    }

    @Test("a service that has the place keeps it; when it is gone the next may have it")
    func taken() throws {
        let path = folder.file("admin.sock")
        do {
            let first = try AdminSocketPlace(path: path)
            let error = #expect(throws: AdminSocketError.self) { try AdminSocketPlace(path: path) }
            #expect(error?.code == .taken)
            #expect(error?.description.contains("admin.socket") == true)
            first.remove()
        }
        _ = try AdminSocketPlace(path: path)
    }

    @Test("what a killed service left is replaced, at whatever moment it was killed")
    func leftOver() throws {
        let path = folder.file("admin.sock")
        close(bind(path))
        try folder.makeFolder(".admin.sock")
        close(bind(folder.file(".admin.sock/s")))
        let place = try AdminSocketPlace(path: path)
        let descriptor = bind(place.bindPath)
        defer { close(descriptor) }
        try place.publish()
        #expect(Loopback.accepts(path))
        #expect(try names() == ["admin.sock", "admin.sock.lock"])
    }

    @Test(
        "a folder in which others can replace the socket is refused; root's, our own and a sticky one are not",
        arguments: [
            (1000, 0o755, true), (0, 0o755, true), (0, 0o1777, true), (1000, 0o1770, true), (1001, 0o755, false),
            (1001, 0o1777, false), (1000, 0o775, false), (0, 0o757, false),
        ] as [(uid_t, mode_t, Bool)]
    )
    func parent(owner: uid_t, mode: mode_t, isSafe: Bool) {
        #expect((AdminSocketPlace.problem(owner: owner, mode: mode, user: 1000) == nil) == isSafe)
    }

    @Test("the folder that others may write into is named, and nothing is made in it")
    func unsafeParent() throws {
        try folder.makeFolder("shared")
        #expect(chmod(folder.file("shared"), 0o777) == 0)
        let error = #expect(throws: AdminSocketError.self) {
            try AdminSocketPlace(path: folder.file("shared/admin.sock"))
        }
        #expect(error?.code == .unusable)
        #expect(error?.message.contains("shared may be written by others") == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("shared")).isEmpty)
    }

    @Test("a socket that somebody listens on is not replaced, whoever that is")
    func foreign() throws {
        let path = folder.file("admin.sock")
        let descriptor = bind(path)
        defer { close(descriptor) }
        #expect(throws: AdminSocketError.taken(path)) { try AdminSocketPlace(path: path) }
        #expect(Loopback.accepts(path))
    }

    @Test(
        "what is no place for a socket says so, with the remedy, and stays",
        arguments: ["file", "no/such", "folder"]
    )
    func unusable(name: String) throws {
        try folder.write("precious", to: "file")
        try folder.makeFolder("folder")
        let error = #expect(throws: AdminSocketError.self) {
            try AdminSocketPlace(path: name == "no/such" ? folder.file("no/such/folder") : folder.file(name))
        }
        #expect(error?.code == .unusable)
        #expect(error?.hint.contains("run_dir") == true)
        #expect(try String(contentsOfFile: folder.file("file"), encoding: .utf8) == "precious")
    }
}
