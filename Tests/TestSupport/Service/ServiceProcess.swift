package import Foundation

/// Our own binary, running as an operator runs it.
package final class ServiceProcess: Sendable {
    package let folder: TemporaryFolder
    package let inventory: String
    package let adminSocket: String

    private struct Heard {
        var tail: LineTail
        var lines: [JSONValue] = []
    }
    private let process: RunningProcess
    private let heard: Locked<Heard>

    /// Writes an inventory of these hosts and starts the service with it.
    ///
    /// `defaults` is YAML that stands before the hosts. The rest is that of
    /// ``init(inventory:sockDir:spool:adminSocket:as:at:arguments:environment:binary:)``.
    package convenience init(
        hosts: [(name: String, uri: String)],
        defaults: String = "",
        sockDir: String?,
        spool: String? = nil,
        adminSocket: String? = nil,
        as account: Account = .current,
        at place: Place = .here,
        arguments: [String] = [],
        environment: [String: String] = [:],
        binary: String = ServiceProcess.binary
    ) throws {
        try self.init(
            inventory: defaults + Self.inventory(of: hosts),
            sockDir: sockDir,
            spool: spool,
            adminSocket: adminSocket,
            as: account,
            at: place,
            arguments: arguments,
            environment: environment,
            binary: binary
        )
    }

    /// Starts the service with an inventory's text.
    ///
    /// `sockDir` is the folder of the bus's sockets; nil leaves the bus to `arguments`, which are further arguments of
    /// `run`. `spool` is by default a folder in ``folder``: give one to start again on what another service left. Only the
    /// master's own user can write to the bus, hence `account`. The admin socket is in ``folder`` unless one is given.
    /// `environment` comes beside that of the tests.
    ///
    /// It waits long for each echo unless `arguments` say otherwise: on a machine that stands still for some seconds it would
    /// rightly send again what a test wants to see once.
    package init(
        inventory text: String,
        sockDir: String?,
        spool: String? = nil,
        adminSocket: String? = nil,
        as account: Account = .current,
        at place: Place = .here,
        arguments: [String] = [],
        environment: [String: String] = [:],
        binary: String = ServiceProcess.binary
    ) throws {
        folder = try TemporaryFolder()
        inventory = try folder.write(text, to: "inventory.yaml")
        self.adminSocket = adminSocket ?? folder.file("admin.sock")
        let binary = try Self.readable(binary, by: account, at: place, in: folder)
        let spool = try spool ?? folder.makeFolder("spool")
        try folder.give(to: account)
        process = try RunningProcess(
            [
                binary, "run", "--inventory", inventory, "--spool-path", spool, "--run-dir", folder.file("run"),
                "--admin-socket", self.adminSocket, "--bus-echo-deadline", "60s", "--log-format", "json",
            ]
                + (sockDir.map { ["--bus-sock-dir", $0] } ?? []) + arguments,
            name: "virt-aggregator",
            in: folder,
            environment: ProcessInfo.processInfo.environment.merging(environment) { $1 },
            as: account,
            at: place
        )
        heard = Locked(Heard(tail: LineTail(process.errors)))
    }

    package var pid: pid_t { process.pid }
    package var isRunning: Bool { process.isRunning }
    package var status: ExitStatus? { process.status }
    /// All it wrote, for the message of a failure.
    package var log: String { process.log }

    /// The lines of its log so far; what is no JSON is a string.
    package var logLines: [JSONValue] {
        heard.withLock { heard in
            heard.lines += heard.tail.next().map { line in
                (try? JSONValue(parsing: line)) ?? .string(String(decoding: line, as: UTF8.self))
            }
            return heard.lines
        }
    }

    /// Waits for a line of its log, and gives it.
    @discardableResult
    package func waitForLog(
        _ fact: String,
        within limit: Duration = .seconds(60),
        isolation: isolated (any Actor)? = #isolation,
        where predicate: (JSONValue) -> Bool
    ) async throws -> JSONValue {
        try await eventually(fact, within: limit, isolation: isolation, detail: { log }) {
            if let line = logLines.first(where: predicate) { return line }
            if !isRunning { throw CommandFailed(result: CommandResult(of: process)) }
            return nil
        }
    }

    /// Puts another text into the inventory's file and asks it to read it, with SIGHUP.
    package func reload(_ text: String) throws {
        try folder.write(text, to: "inventory.yaml")
        signal(SIGHUP)
    }

    package func signal(_ number: Int32) { process.signal(number) }

    /// Asks it to end with SIGTERM, and says how it did.
    @discardableResult
    package func stop(within limit: Duration = .seconds(30)) async throws -> ExitStatus {
        process.signal(SIGTERM)
        return try await process.waitForExit(within: limit)
    }

    /// Waits until it has ended by itself.
    @discardableResult
    package func waitForExit(within limit: Duration = .seconds(30)) async throws -> ExitStatus {
        try await process.waitForExit(within: limit)
    }

    /// Kills it with SIGKILL.
    package func kill() async throws {
        process.signal(SIGKILL)
        try await process.waitForExit()
    }
}
