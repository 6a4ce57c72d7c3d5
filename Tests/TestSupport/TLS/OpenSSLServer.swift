/// A TLS server that is no libvirtd: `openssl s_server`, which takes one client after the other.
package final class OpenSSLServer: Sendable {
    package let port: UInt16
    private let process: RunningProcess

    /// - Parameters:
    ///   - pki: The folder of the server's certificate and of the authority it trusts.
    ///   - options: More of s_server's options, `["-tls1_2"]`.
    ///   - sends: What the first client gets after the handshake; a libvirtd sends one byte, `"\u{1}"`.
    package init(pki: String, options: [String] = [], sends: String = "") async throws {
        let port = try FreePort.next()
        self.port = port
        let process = try RunningProcess(
            [
                "openssl", "s_server", "-accept", "127.0.0.1:\(port)", "-cert", "\(pki)/servercert.pem",
                "-key", "\(pki)/serverkey.pem", "-CAfile", "\(pki)/cacert.pem",
            ] + options,
            name: "s_server",
            in: try TemporaryFolder(),
            input: .pipe
        )
        self.process = process
        process.send(sends)
        // A connection to see whether it listens would be its first client.
        try await eventually("s_server listens", within: .seconds(60), detail: { process.log }) {
            if !process.isRunning { throw CommandFailed(result: CommandResult(of: process)) }
            return process.log.contains("ACCEPT")
        }
    }

    package func uri(host: String = "127.0.0.1") -> String {
        "test+tls://\(host):\(port)/default"
    }

    package var log: String { process.log }
}
