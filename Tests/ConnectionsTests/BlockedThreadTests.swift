import Foundation
import TestSupport
import Testing

@testable import Connections

@Suite("A thread that hangs in a socket")
struct BlockedThreadTests {
    @Test("it goes on when it is meant, whichever call it hangs in; its neighbour at the same peer does not")
    func oneOfTwo() async throws {
        let silent = try SilentListener()
        let sockets = try (0..<2).map { _ in try Self.connect(to: silent.port) }
        defer { for socket in sockets { close(socket) } }
        let threads = Locked<[Int: BlockedThread]>([:])
        let ended = Locked<[Int]>([])
        for (index, socket) in sockets.enumerated() {
            try PlainThread.start(name: "hangs") {
                threads.withLock { $0[index] = .current }
                var byte: UInt8 = 0
                // What wakes libvirt's loop may come first, as an unused entry does here.
                var waiting = [-1, socket].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
                // One hangs in poll, as TLS does, the other in recv.
                if index == 0 { poll(&waiting, 2, -1) } else { recv(socket, &byte, 1, 0) }
                ended.withLock { $0.append(index) }
            }
        }
        var hanging: [BlockedThread] = []
        for index in [1, 0] {
            try await eventually("thread \(index) hangs") {
                threads.withLock { $0[index] }?.descriptors.contains(sockets[index]) == true
            }
            hanging.append(try #require(threads.withLock { $0[index] }))
        }
        hanging[0].shutDownSockets { _ in true }
        hanging[0].shutDownSockets { _ in false }
        try await eventually("it goes on") { ended.withLock { $0 } == [1] }
        #expect(hanging[1].descriptors.contains(sockets[0]))
        hanging[1].shutDownSockets { _ in false }
        try await eventually("so does the other") { ended.withLock { $0 } == [1, 0] }
        #expect(hanging[0].descriptors == [])
    }

    @Test("what is no TCP socket is left alone")
    func pipe() async throws {
        var ends: [Int32] = [-1, -1]
        #expect(Foundation.socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        let (reading, writing) = (ends[0], ends[1])
        defer { for end in [reading, writing] { close(end) } }
        let thread = Locked<BlockedThread?>(nil)
        let heard = Locked<Int?>(nil)
        try PlainThread.start(name: "hangs") {
            thread.withLock { $0 = .current }
            var byte: UInt8 = 0
            let count = recv(reading, &byte, 1, 0)
            heard.withLock { $0 = count }
        }
        try await eventually("it hangs") { thread.withLock { $0 }?.descriptors == [reading] }
        thread.withLock { $0 }?.shutDownSockets { _ in false }
        #expect(send(writing, [7], 1, 0) == 1)
        try await eventually("it hears what is sent") { heard.withLock { $0 } == 1 }
    }

    private static func connect(to port: UInt16) throws -> Int32 {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Foundation.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        return socket
    }
}
