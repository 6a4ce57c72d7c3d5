package import Foundation

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
    private struct Heard {
        var tail: LineTail
        var last = JSONValue.null
        var opened: [Date] = []
    }
    private let heard: Locked<Heard>
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
        heard = Locked(Heard(tail: LineTail(process.output)))
        try await eventually("the relay listens", detail: { process.log }) { try count("live") != nil }
    }

    /// The daemon by way of the relay.
    package var uri: String { "test+tcp://127.0.0.1:\(port)/default" }

    /// Connections that are open.
    package var live: Int { (try? count("live")) ?? 0 }

    /// Connections that ``cut(_:)`` has ended so far.
    package var ended: Int { (try? count("cut")) ?? 0 }

    /// When clients said their first word, in order; not those that only try whether the port takes a connection.
    package func opened(after moment: Date) throws -> [Date] {
        try read { heard in heard.opened.filter { $0 > moment }.sorted() }
    }

    /// Events that were repeated since ``repeatEvents(_:)``, in thousands.
    package var repeated: Int { (try? count("repeated")) ?? 0 }

    /// Ends every connection.
    package func cut(_ cut: Cut) { process.send("\(cut.rawValue)\n") }

    /// Repeats the daemon's last two events, by turns, so many times a second; 0 ends it.
    package func repeatEvents(_ rate: Int) { process.send("events \(rate)\n") }

    private func count(_ name: String) throws -> Int? {
        try read { heard in heard.last[name]?.integer.map { Int($0) } }
    }

    private func read<Result>(_ body: (Heard) -> Result) throws -> Result {
        if !process.isRunning { throw CommandFailed(result: CommandResult(of: process)) }
        return heard.withLock { heard in
            for line in heard.tail.next() {
                guard let value = try? JSONValue(parsing: line) else { continue }
                if let opened = value["opened"]?.number {
                    heard.opened.append(Date(timeIntervalSince1970: opened))
                } else {
                    heard.last = value
                }
            }
            return body(heard)
        }
    }
}
