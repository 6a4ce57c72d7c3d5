import Foundation

/// A server that takes connections and never says a word.
package final class SilentListener: Sendable {
    package let port: UInt16
    private let socket: Int32

    package init() throws {
        port = try FreePort.next()
        guard let socket = Loopback.bound(to: port) else { throw SystemError("bind port \(port)") }
        self.socket = socket
        // The kernel completes the handshakes and keeps what is sent; nobody needs to call accept.
        guard listen(socket, 4096) == 0 else { throw SystemError("listen") }
    }

    deinit {
        close(socket)
    }
}

/// A port that refuses connections for as long as this object lives: bound, so that nobody else listens there.
package final class RefusingPort: Sendable {
    package let port: UInt16
    private let socket: Int32

    package init() throws {
        port = try FreePort.next()
        guard let socket = Loopback.bound(to: port) else { throw SystemError("bind port \(port)") }
        self.socket = socket
    }

    deinit {
        close(socket)
    }
}
