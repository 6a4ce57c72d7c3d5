import Foundation

/// libvirt's own listener on a private daemon: the judge of which events the daemon sent.
///
/// virsh listens to one class at a time, so order holds within one class only.
package final class VirshEvents: Sendable {
    package enum Class: String, Sendable, CaseIterable {
        case domain = "event --all --loop"
        case network = "net-event --event lifecycle --loop"
        case poolLifecycle = "pool-event --event lifecycle --loop"
        case poolRefresh = "pool-event --event refresh --loop"

        /// Commands that cause an event about something called `harness-ready` and leave nothing behind.
        fileprivate var provocation: [String] {
            switch self {
            case .domain: ["define ready-domain.xml", "undefine harness-ready"]
            case .network: ["net-define ready-network.xml", "net-undefine harness-ready"]
            case .poolLifecycle: ["pool-define-as harness-ready dir --target /nowhere", "pool-undefine harness-ready"]
            case .poolRefresh:
                [
                    "pool-create-as harness-ready dir --target /nowhere", "pool-refresh harness-ready",
                    "pool-destroy harness-ready",
                ]
            }
        }
    }

    private let process: RunningProcess
    private let folder: TemporaryFolder
    private let heard: Locked<(tail: LineTail, lines: [String])>

    /// Starts listening and returns when it hears: from there on no event is missed.
    package convenience init(_ class: Class, on daemon: PrivateLibvirtd) async throws {
        try await self.init(`class`, uri: daemon.uri(.unix), provokedOn: daemon, driver: .test)
    }

    /// The same, listening on another way to the daemon, and for another driver.
    package init(
        _ class: Class = .domain,
        uri: String,
        provokedOn daemon: PrivateLibvirtd,
        driver: PrivateLibvirtd.Driver
    ) async throws {
        folder = try TemporaryFolder()
        try folder.write(
            """
            <domain type='\(driver)'><name>harness-ready</name><memory>1024</memory>\
            <os>\(driver == .lxc ? "<type>exe</type><init>/bin/sh</init>" : "<type>hvm</type>")</os></domain>
            """,
            to: "ready-domain.xml"
        )
        try folder.write("<network><name>harness-ready</name></network>", to: "ready-network.xml")
        process = try RunningProcess(
            ["virsh", "-q", "-c", uri] + `class`.rawValue.split(separator: " ").map(String.init),
            name: "virsh-event",
            in: folder,
            environment: Virsh.environment(in: folder)
        )
        heard = Locked((tail: LineTail(process.output), lines: []))
        try await eventually("virsh hears an event of its own", detail: { process.log }) {
            if !process.isRunning { throw CommandFailed(result: CommandResult(of: process)) }
            try await Virsh.script(`class`.provocation, on: daemon, driver: driver, workingFolder: folder.path)
            return heard.withLock { !$0.tail.next().isEmpty }
        }
    }

    /// What virsh printed so far, a line an event: `event 'lifecycle' for domain 'test': Suspended Paused`.
    package var lines: [String] {
        heard.withLock { heard in
            let lines = heard.tail.next().map { String(decoding: $0, as: UTF8.self) }
            heard.lines += lines.filter { $0.hasPrefix("event ") && !$0.contains("harness-ready") }
            return heard.lines
        }
    }

    /// Waits until the lines so far satisfy the predicate, and gives them.
    @discardableResult
    package func wait(
        for fact: String,
        within limit: Duration = .seconds(60),
        isolation: isolated (any Actor)? = #isolation,
        until predicate: ([String]) -> Bool
    ) async throws -> [String] {
        try await eventually(fact, within: limit, isolation: isolation, detail: { "\(lines)\n\(process.log)" }) {
            let lines = lines
            return predicate(lines) ? lines : nil
        }
    }
}
