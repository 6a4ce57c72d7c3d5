import Foundation
import TestSupport
import Testing

@Suite("The harness, without daemons", .timeLimit(.minutes(10)))
struct HarnessTests {
    @Test("a command's result holds its status and all it wrote")
    func command() async throws {
        let result = try await run(["sh", "-c", "cat; echo no >&2; exit 3"], input: "yes\n")
        #expect(result.status == .exited(3))
        #expect(result.output == "yes\n")
        #expect(result.errors == "no\n")
        await #expect(throws: TimedOut.self) { try await run(["sleep", "1000"], within: .milliseconds(100)) }
    }

    @Test(
        "a ledger is balanced when both its sums are, by its numbers and not by its word",
        arguments: [
            ([:], true), (["balanced": true], true), (["relayed": 3], false), (["callbacks": 21], false),
            (["relayed": 3, "balanced": true], false), (["balanced": false], false), (["relayed": nil], false),
            (["dropped": ["in_flight": 4, "memory": 8]], false),
        ] as [([String: JSONValue], Bool)]
    )
    func ledger(changes: [String: JSONValue], isBalanced: Bool) {
        let ledger: [String: JSONValue] = [
            "callbacks": 20, "accepted": 7, "filtered": 5, "suppressed": 3, "under_way": 1,
            "received": 22, "relayed": 4, "coalesced": 6, "dead": 2, "waiting": 1,
            "dropped": ["in_flight": 4, "memory": 8, "room": 1],
        ]
        #expect(JSONValue.object(ledger.merging(changes) { $1 }).isBalancedLedger == isBalanced)
    }

    @Test("a process ends with its object, and its children with it")
    func processEnds() async throws {
        let folder = try TemporaryFolder()
        var process: RunningProcess? = try RunningProcess(["sh", "-c", "sleep 1000 & wait"], name: "sh", in: folder)
        let session = try #require(process?.pid)
        try await eventually("both run", isTrue: { ProcessTable().session(session).map(\.name).contains("sleep") })
        process = nil
        // What is killed on a busy machine takes its time.
        try await eventually("both have ended") { ProcessTable().session(session).isEmpty }
    }

    @Test("no open file of ours reaches a process")
    func openFiles() async throws {
        let held = open("/dev/null", O_RDONLY)
        defer { close(held) }
        let result = try await run(["ls", "/proc/self/fd"])
        // 3 is the folder that ls reads.
        #expect(result.output == "0\n1\n2\n3\n")
    }

    @Test("tests that are killed leave nothing running")
    func undertaker() async throws {
        let folder = try TemporaryFolder()
        let left = try RunningProcess(["sleep", "1000"], name: "sleep", in: folder)
        let released = try RunningProcess(["sleep", "1000"], name: "sleep", in: folder)
        let undertaker = try RunningProcess(
            ["bash", Repository.path("Tests/TestSupport/Scripts/undertaker.sh")],
            name: "undertaker",
            in: folder,
            input: .pipe
        )
        undertaker.send("started \(left.pid)\nstarted \(released.pid)\nended \(released.pid)\n")
        undertaker.closeInput()
        #expect(try await undertaker.waitForExit() == .exited(0))
        #expect(try await left.waitForExit() == .killed(signal: SIGKILL))
        #expect(released.isRunning)
    }

    @Test("a folder is short, open to everybody and gone with its object")
    func folder() throws {
        var folder: TemporaryFolder? = try TemporaryFolder()
        let path = try #require(folder?.path)
        #expect(path.utf8.count == 14)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o755)
        folder = nil
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("a refusing port refuses, a silent one takes a connection and says nothing")
    func ports() async throws {
        let refusing = try RefusingPort()
        let refused = try await run(["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/\(refusing.port)"])
        #expect(refused.errors.contains("refused"))
        let silent = try SilentListener()
        let script = "exec 3<>/dev/tcp/127.0.0.1/\(silent.port) && echo hello >&3 && read -t 0.2 -r <&3"
        // 142: read's way of saying that the time is over.
        #expect(try await run(["bash", "-c", script]).status == .exited(142))
    }

    @Test("the service runs with an inventory and its log is read")
    func service() async throws {
        let folder = try TemporaryFolder()
        let script = """
            #!/bin/sh
            trap 'exit 7' TERM
            cat "$3" >&2
            echo '{"message": "started", "arguments": "'"$*"'"}' >&2
            while :; do sleep 0.02; done
            """
        let binary = try folder.write(script, to: "service")
        chmod(binary, 0o755)
        let service = try ServiceProcess(
            hosts: [("kvm01", "test+tcp://127.0.0.1:1/default")],
            sockDir: "/nowhere",
            as: .unprivileged,
            arguments: ["--extra"],
            binary: binary
        )
        let line = try await service.waitForLog("started") { $0["message"] == "started" }
        #expect(line["arguments"]?.string?.hasSuffix("--log-format json --bus-sock-dir /nowhere --extra") == true)
        #expect(service.logLines.contains(#"  "kvm01": "test+tcp://127.0.0.1:1/default""#))
        #expect(try await service.stop() == .exited(7))
    }
}
