import Foundation

/// A relay for very many connections to a private daemon, in a process of its own: cuts them off, and repeats events.
///
/// What ``LibvirtRelay`` does with single messages it does not.
package final class CrowdRelay: Sendable {
    package enum Cut: String, Sendable, CaseIterable {
        /// With a TCP reset, as a firewall that forgets its connections.
        case reset
        /// With an end of stream, as a daemon that ends.
        case close
    }

    package let port: UInt16
    private let process: RunningProcess
    private let heard: Locked<(tail: LineTail, last: JSONValue)>
    private let folder: TemporaryFolder

    package init(to daemon: PrivateLibvirtd) async throws {
        folder = try TemporaryFolder()
        port = try FreePort.next()
        process = try RunningProcess(
            ["python3", Scripts.path("crowd-relay.py"), "\(port)", "\(daemon.port)"],
            name: "relay",
            in: folder,
            input: .pipe
        )
        heard = Locked((LineTail(process.output), .null))
        try await eventually("the relay listens", detail: { process.log }) { try count("live") != nil }
    }

    /// The daemon by way of the relay.
    package var uri: String { "test+tcp://127.0.0.1:\(port)/default" }

    /// Connections that are open.
    package var live: Int { (try? count("live")) ?? 0 }

    /// Connections that ``cut(_:)`` has ended so far.
    package var ended: Int { (try? count("cut")) ?? 0 }

    /// Events that were repeated since ``repeatEvents(_:)``, in thousands.
    package var repeated: Int { (try? count("repeated")) ?? 0 }

    /// Ends every connection.
    package func cut(_ cut: Cut) { process.send("\(cut.rawValue)\n") }

    /// Repeats the daemon's last two events, by turns, so many times a second; 0 ends it.
    package func repeatEvents(_ rate: Int) { process.send("events \(rate)\n") }

    private func count(_ name: String) throws -> Int? {
        if !process.isRunning { throw CommandFailed(result: CommandResult(of: process)) }
        return heard.withLock { heard in
            if let line = heard.tail.next().last, let value = try? JSONValue(parsing: line) { heard.last = value }
            return heard.last[name]?.integer.map { Int($0) }
        }
    }
}
