import Connections
import Foundation
import TestSupport
import Testing

extension ProcessWideTests {
    /// What a program of ext has started, once its connection has gone.
    @Suite("programs of ext", .serialized, .needs(.libvirtd), .timeLimit(.minutes(10)))
    struct Programs {
        private let runtime: LibvirtRuntime
        private let folder: TemporaryFolder

        init() throws {
            runtime = try LibvirtRuntime.start(logger: .silent)
            folder = try TemporaryFolder()
        }

        @Test(
            "what a script has started ends with its connection, though it neither reads nor listens",
            arguments: [false, true]
        )
        func survivor(isLost: Bool) async throws {
            let daemon = try await PrivateLibvirtd.started()
            let note = folder.file("survivor")
            // It does not become what it calls, as `exec` would have it.
            let script = """
                #!/bin/sh
                sh -c 'trap "" TERM HUP; echo $$ > "$1"; exec tail -f /dev/null' sh '\(note)' < /dev/null > /dev/null 2>&1 &
                nc -U '\(daemon.socket)'

                """
            let path = try folder.write(script, to: "connect.sh")
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
            let environment = WatcherEnvironment(
                driver: LibvirtDriver(
                    runtime,
                    programs: .init(runDir: folder.file("run"), launcher: ServiceProcess.binary)
                ),
                pool: runtime.pool,
                backoff: Backoff(base: .seconds(600), cap: .seconds(600)),
                logger: .silent
            )
            let host = Connections.Host(
                name: "h",
                uri: try LibvirtURI("test+ext:///default?command=\(path)"),
                keepalive: isLost ? Keepalive(interval: .seconds(2), count: 1) : Keepalive()
            )
            let watcher = Watcher(host, environment: environment) { _ in }
            await watcher.start()
            try await eventually("it is up", detail: { "\(watcher.status)" }) { watcher.status.phase == .up }
            let survivor = try await pid(in: note)
            #expect(try group(of: survivor) != getpgrp())
            defer { kill(survivor, SIGKILL) }
            if isLost {
                daemon.freeze()
                try await eventually("it is lost", detail: { "\(watcher.status)" }) { watcher.status.phase == .down }
                try await isGone(survivor)
                daemon.thaw()
            }
            await watcher.stop()
            try await isGone(survivor)
            try await ProcessWideTests.everythingIsLetGo(runtime)
        }

        private func isGone(_ process: pid_t) async throws {
            try await eventually("what the script started is gone", detail: { "\(ProcessTable().entries)" }) {
                ProcessTable.entry(process)?.isZombie ?? true
            }
        }

        private func group(of process: pid_t) throws -> pid_t {
            let group = getpgid(process)
            return try #require(group > 0 ? group : nil)
        }

        private func pid(in file: String) async throws -> pid_t {
            var pid: pid_t?
            try await eventually("it has left its number") {
                pid = (try? String(contentsOfFile: file, encoding: .utf8)).flatMap {
                    pid_t($0.trimmingCharacters(in: .whitespacesAndNewlines))
                }
                return pid != nil
            }
            return try #require(pid)
        }
    }
}
