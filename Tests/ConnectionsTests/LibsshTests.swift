import Foundation
import Glibc
import TestSupport
import Testing

@testable import Connections

/// The socket that libvirt hands to libssh stays libvirt's.
@Suite("libssh's descriptor", .enabled(if: Libssh.library != nil, "there is no libssh here"))
struct LibsshTests {
    @Test("a session that fails, or that is never used, closes no socket but its own", arguments: [true, false])
    func closed(fails: Bool) throws {
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        defer { for end in ends { close(end) } }
        let libssh = try Libssh()
        let session = try #require(libssh.new())
        // The option 3 is the descriptor.
        try #require(libssh.set(session, 3, &ends[0]) == 0)
        #expect(Self.descriptors(of: ends[0]) == 2)
        if fails {
            let answer = "I am no ssh at all\r\n"
            try #require(write(ends[1], answer, answer.utf8.count) == answer.utf8.count)
            shutdown(ends[1], Int32(SHUT_RDWR))
            #expect(libssh.connect(session) != 0)
        }
        #expect(fcntl(ends[0], F_GETFD) >= 0)
        libssh.free(session)
        #expect(Self.descriptors(of: ends[0]) == 1)
    }

    @Test("in our program libvirt calls our functions", arguments: ["ssh_options_set", "ssh_free"])
    func bound(name: String) async throws {
        // The loader tells of each symbol who uses it and where it was found.
        let environment = ["LD_DEBUG": "bindings", "LD_BIND_NOW": "1", "PATH": "/usr/bin:/bin"]
        let told = try await run([ServiceProcess.binary, "version"], environment: environment).checked().errors
        let bindings = told.split(separator: "\n").filter { $0.contains("libvirt.so") && $0.contains("`\(name)'") }
        #expect(!bindings.isEmpty)
        #expect(bindings.allSatisfy { $0.contains(" to \(ServiceProcess.binary) ") })
    }

    /// How many of this process's descriptors are this socket.
    private static func descriptors(of socket: Int32) -> Int {
        let folder = "/proc/self/fd"
        let wanted = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(socket)")
        let all = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return all.count { (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)")) == wanted }
    }
}

/// The functions that libvirt finds under libssh's names: the program's before the library's.
private struct Libssh {
    let new: @convention(c) () -> OpaquePointer?
    let set: @convention(c) (OpaquePointer, Int32, UnsafeRawPointer) -> Int32
    let connect: @convention(c) (OpaquePointer) -> Int32
    let free: @convention(c) (OpaquePointer) -> Void

    /// The one that libvirt has loaded.
    static var library: UnsafeMutableRawPointer? { dlopen("libssh.so.4", RTLD_NOW | RTLD_NOLOAD) }

    init() throws {
        new = try Self.find("ssh_new")
        set = try Self.find("ssh_options_set")
        connect = try Self.find("ssh_connect")
        free = try Self.find("ssh_free")
    }

    private static func find<Function>(_ name: String) throws -> Function {
        // As the loader finds them: from the program on.
        unsafeBitCast(try #require(dlsym(nil, name)), to: Function.self)
    }
}
