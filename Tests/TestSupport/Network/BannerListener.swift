import Foundation

/// A server that says one thing to whoever connects, reads what comes and hangs up.
package final class BannerListener: Sendable {
    package let port: UInt16
    private let socket: Int32

    package init(_ banner: String) throws {
        port = try FreePort.next()
        guard let socket = Loopback.bound(to: port) else { throw SystemError("bind port \(port)") }
        self.socket = socket
        guard listen(socket, 16) == 0 else { throw SystemError("listen") }
        Thread.detachNewThread {
            var room = [UInt8](repeating: 0, count: 4096)
            while true {
                let client = accept(socket, nil, nil)
                guard client >= 0 else { return }
                _ = banner.withCString { send(client, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
                _ = read(client, &room, room.count)
                close(client)
            }
        }
    }

    deinit {
        // Wakes the thread out of accept.
        shutdown(socket, Int32(SHUT_RDWR))
        close(socket)
    }
}
