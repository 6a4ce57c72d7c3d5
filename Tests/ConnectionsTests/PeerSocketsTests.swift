import Foundation
import TestSupport
import Testing

@testable import Connections

@Suite("Sockets by their peer", .serialized)
struct PeerSocketsTests {
    @Test("a socket to the peer is shut down; one that is exempt, and one to another peer, are not")
    func shutsDown() throws {
        let silent = try SilentListener()
        let other = try SilentListener()
        let sockets = try [silent, silent, other].map { try Self.connect(to: $0.port) }
        defer { for socket in sockets { close(socket) } }
        let peer = try #require(PeerAddress(port: silent.port))
        PeerSockets.shutdown(to: [peer]) { $0 == sockets[1] }
        #expect(sockets.map(Self.isOpen) == [false, true, true])
        PeerSockets.shutdown(to: []) { _ in false }
        #expect(sockets.map(Self.isOpen) == [false, true, true])
    }

    @Test("of two threads that hang at one peer, the one that is meant goes on")
    func oneThread() async throws {
        let silent = try SilentListener()
        let peer = try #require(PeerAddress(port: silent.port))
        let sockets = try (0..<2).map { _ in try Self.connect(to: silent.port) }
        defer { for socket in sockets { close(socket) } }
        let threads = Locked<[Int: BlockedThread]>([:])
        let ended = Locked<[Int]>([])
        for (index, socket) in sockets.enumerated() {
            try PlainThread.start(name: "hangs") {
                threads.withLock { $0[index] = .current }
                var byte: UInt8 = 0
                var waiting = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
                // One hangs in poll, as TLS does, the other in recv.
                if index == 0 { poll(&waiting, 1, -1) } else { recv(socket, &byte, 1, 0) }
                ended.withLock { $0.append(index) }
            }
        }
        for index in [1, 0] {
            let thread = try await eventually("thread \(index) hangs") {
                threads.withLock { $0[index] }.flatMap { thread in
                    thread.look() == .waiting(descriptor: sockets[index]) ? thread : nil
                }
            }
            PeerSockets.shutdown(to: [peer], for: thread) { _ in false }
            try await eventually("it goes on") { ended.withLock { $0.contains(index) } }
            #expect(ended.withLock { $0 } == (index == 1 ? [1] : [1, 0]))
        }
    }

    private static func connect(to port: UInt16) throws -> Int32 {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let result = withAddress(port) { Foundation.connect(socket, $0, $1) }
        guard result == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        return socket
    }

    fileprivate static func withAddress<Result>(
        _ port: UInt16,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    /// A socket that was shut down reads as ended; one that was not has nothing to read yet.
    private static func isOpen(_ socket: Int32) -> Bool {
        var byte: UInt8 = 0
        return recv(socket, &byte, 1, Int32(MSG_DONTWAIT)) < 0 && errno == EAGAIN
    }
}

extension PeerAddress {
    /// 127.0.0.1 and a port.
    fileprivate init?(port: UInt16) {
        guard let address = PeerSocketsTests.withAddress(port, { PeerAddress($0, length: $1) }) else { return nil }
        self = address
    }
}
