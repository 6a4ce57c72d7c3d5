import Foundation

/// A server on loopback that takes what is posted to it, answers 204 and keeps the bodies.
package final class WebhookListener: Sendable {
    package let port: UInt16
    private let socket: Int32
    private let received: Locked<[JSONValue]>

    package init() throws {
        port = try FreePort.next()
        guard let socket = Loopback.bound(to: port) else { throw SystemError("bind port \(port)") }
        self.socket = socket
        guard listen(socket, 64) == 0 else { throw SystemError("listen") }
        let received = Locked<[JSONValue]>([])
        self.received = received
        Thread.detachNewThread {
            while true {
                let client = accept(socket, nil, nil)
                guard client >= 0 else { return }
                let body = Self.body(from: client)
                let answer = "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                _ = answer.withCString { send(client, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
                close(client)
                let value = (try? JSONValue(parsing: body)) ?? .string(String(decoding: body, as: UTF8.self))
                received.withLock { $0.append(value) }
            }
        }
    }

    deinit {
        // Wakes the thread out of accept.
        shutdown(socket, Int32(SHUT_RDWR))
        close(socket)
    }

    /// The bodies so far, oldest first; one that is no JSON as a string.
    package var bodies: [JSONValue] { received.withLock { $0 } }

    /// What follows the head of a request, as long as the head says.
    private static func body(from client: Int32) -> Data {
        var bytes = Data()
        var room = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            if let end = bytes.firstRange(of: Data("\r\n\r\n".utf8)) {
                let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).lowercased()
                let length = head.firstMatch(of: #/content-length: *(\d+)/#).flatMap { Int($0.output.1) } ?? 0
                if bytes.count - end.upperBound >= length { return Data(bytes[end.upperBound...].prefix(length)) }
            }
            let count = read(client, &room, room.count)
            guard count > 0 else { return bytes }
            bytes.append(contentsOf: room[..<count])
        }
    }
}
