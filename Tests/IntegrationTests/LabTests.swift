import Foundation
import TestSupport
import Testing

extension ServiceTests {
    /// `make lab`, as its script runs it once everything is built.
    @Suite("the lab", .needs(.systemLibvirtd, .allSalt), .timeLimit(.minutes(10)))
    struct LabTests {
        /// How a lab that runs is told to end, or is ended.
        enum End: String, CaseIterable, Sendable {
            case down, interrupted, killed
        }

        @Test("a lab with LAB_SECONDS sums up what came over every transport, and leaves nothing running")
        func seconds() async throws {
            let lab = try Lab(seconds: 10)
            let namespace = try await lab.namespace()
            let status = try await lab.process.waitForExit(within: .seconds(240))
            #expect(status == .success, "\(lab.process.log)")

            let lines = try String(contentsOfFile: lab.process.output, encoding: .utf8).split(separator: "\n")
            let sum = try JSONValue(parsing: Data(try #require(lines.last).utf8))
            #expect(sum["salt"]?.string == SaltInstallation.all.first?.version)
            #expect(sum["hosts"]?.integer == Lab.hosts, "\(sum)")
            #expect(sum["up"] == sum["hosts"], "\(sum)")
            let events = sum["events"]?.object ?? [:]
            #expect(Set(events.keys) == Lab.transports)
            #expect(events.values.allSatisfy { $0.integer ?? 0 > 0 }, "\(sum)")
            #expect(events.values.reduce(0) { $0 + ($1.integer ?? 0) } == sum["total"]?.integer)
            try await namespace.waitUntilEmpty()
        }

        @Test("a lab that runs ends with all it started, however it is ended", arguments: End.allCases)
        func ends(how: End) async throws {
            let lab = try Lab()
            let namespace = try await lab.namespace()
            try await eventually("its hosts are up", within: .seconds(240), detail: { lab.process.log }) {
                if !lab.process.isRunning { throw LabEnded(description: lab.process.log) }
                return lab.process.log.contains("hosts are up")
            }
            #expect(!namespace.processes.isEmpty)
            let second = try await lab.run("run")
            #expect(second.status == .exited(1))
            #expect(second.errors.contains("make lab-down"), "\(second)")

            switch how {
            case .down:
                try await lab.run("down").checked()
                try await namespace.waitUntilEmpty()
                #expect(try await lab.process.waitForExit() == .success)
            case .interrupted:
                lab.process.signal(SIGINT)
                #expect(try await lab.process.waitForExit(within: .seconds(60)) == .success)
                try await namespace.waitUntilEmpty()
            case .killed:
                lab.process.signal(SIGKILL)
                try await namespace.waitUntilEmpty()
            }
            #expect(try await lab.run("status").output == "none runs\n")
        }

        @Test("what cannot be run is said at once")
        func mistakes() async throws {
            let version = try await Lab(environment: ["SALT": "1.2"]).ended()
            #expect(version.contains("no Salt 1.2 here; use one of: \(SaltInstallation.all[0])"))
            let seconds = try await Lab(environment: ["LAB_SECONDS": "1m"]).ended()
            #expect(seconds.contains("LAB_SECONDS is '1m'; write whole seconds"))
        }
    }
}

private struct LabEnded: Error, CustomStringConvertible {
    let description: String
}

/// A lab of a test's own beside any that somebody has running in the checkout.
private struct Lab {
    /// Those of `inventory/lab.yaml`, counted and read by the eyes of this test alone.
    static let hosts = Int64(inventory.matches(of: #/(?m)^ +- [a-z0-9-]+: /#).count)
    static let transports = Set(inventory.matches(of: #/transport: ([a-z0-9]+)/#).map { String($0.output.1) })
    private static let inventory =
        (try? String(contentsOfFile: Repository.path("inventory/lab.yaml"), encoding: .utf8)) ?? ""

    let process: RunningProcess
    private let folder: TemporaryFolder
    private let environment: [String: String]

    init(seconds: Int? = nil, environment changes: [String: String] = [:]) throws {
        folder = try TemporaryFolder()
        var environment = ProcessInfo.processInfo.environment
        environment["VIRT_AGGREGATOR_BINARY"] = ServiceProcess.binary
        environment["LAB_FOLDER"] = folder.file("lab")
        environment["LAB_SECONDS"] = seconds.map(String.init)
        environment["SALT"] = nil
        environment.merge(changes) { $1 }
        self.environment = environment
        let command = [Repository.path("ops/lab/lab"), "run"]
        process = try RunningProcess(command, name: "lab", in: folder, environment: environment)
    }

    func run(_ word: String) async throws -> CommandResult {
        try await TestSupport.run(
            [Repository.path("ops/lab/lab"), word],
            environment: environment,
            within: .seconds(90)
        )
    }

    /// What one that cannot run says before it ends with 1.
    func ended() async throws -> String {
        #expect(try await process.waitForExit() == .exited(1))
        return process.log
    }

    /// The namespace that all its processes live in, which tells them from every other on this machine.
    func namespace() async throws -> ProcessNamespace {
        let first = folder.file("lab/first")
        return try await eventually("it has its first process", detail: { process.log }) {
            if !process.isRunning { throw LabEnded(description: process.log) }
            guard let text = try? String(contentsOfFile: first, encoding: .utf8),
                let pid = text.split(separator: " ").first
            else { return nil }
            return ProcessNamespace(of: pid)
        }
    }
}

/// The namespace of a process, held open: otherwise another one would soon have its number.
private final class ProcessNamespace: Sendable {
    private let number: String
    private let descriptor: Int32

    init?(of pid: Substring) {
        descriptor = open("/proc/\(pid)/ns/pid", O_RDONLY | O_CLOEXEC)
        number = Self.number("/proc/self/fd/\(descriptor)") ?? ""
        if number.isEmpty { return nil }
    }

    deinit {
        close(descriptor)
    }

    var processes: [ProcessTable.Entry] {
        ProcessTable().entries.filter { Self.number("/proc/\($0.pid)/ns/pid") == number }
    }

    func waitUntilEmpty(isolation: isolated (any Actor)? = #isolation) async throws {
        try await eventually("everything has ended", detail: { "\(processes)" }, isTrue: { processes.isEmpty })
    }

    private static func number(_ link: String) -> String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: link)
    }
}
