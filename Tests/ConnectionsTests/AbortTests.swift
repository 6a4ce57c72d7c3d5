import Connections
import Foundation
import TestSupport
import Testing

extension ProcessWideTests {
    /// An open that gets no answer, in each phase in which it can hang: it ends at its deadline and leaves nothing.
    @Suite("aborts", .serialized, .needs(.libvirtd), .timeLimit(.minutes(10)))
    struct Aborts {
        private let runtime: LibvirtRuntime
        private let folder: TemporaryFolder

        init() throws {
            runtime = try LibvirtRuntime.start(logger: .silent)
            folder = try TemporaryFolder()
        }

        private var driver: LibvirtDriver {
            LibvirtDriver(runtime, programs: .init(runDir: folder.file("run"), launcher: ServiceProcess.binary))
        }

        /// Attempts a URI until it was tried slowly, and returns the reason it is down for.
        private func reason(of uri: String) async throws -> DownReason? {
            let environment = WatcherEnvironment(
                driver: driver,
                pool: runtime.pool,
                deadlines: .init(fast: .milliseconds(400), slow: .milliseconds(800)),
                backoff: Backoff(base: .seconds(60), cap: .seconds(60)),
                logger: .silent
            )
            let watcher = Watcher(Host(name: "h", uri: try LibvirtURI(uri)), environment: environment) { _ in }
            await watcher.start()
            // The retry is a minute away: what is tried by now has been tried both ways.
            try await eventually("both tries are over", detail: { "\(watcher.status)" }) {
                let counters = runtime.pool.counters
                return watcher.status.phase == .down && counters.running == 0 && counters.writtenOff == 0
                    && counters.waiting == 0
            }
            let reason = watcher.status.down?.reason
            await watcher.stop()
            return reason
        }

        @Test(
            "a peer that takes the connection and says nothing",
            arguments: ["test+tcp", "test+tls", "test+libssh2", "test+libssh", "test+ssh"]
        )
        func silent(scheme: String) async throws {
            let silent = try SilentListener()
            let key = try folder.write("", to: "key")
            let pki = try await PKI.shared
            let query = "known_hosts=/dev/null&keyfile=\(key)&pkipath=\(pki.path(.good))"
            let reason = try await reason(of: "\(scheme)://me@127.0.0.1:\(silent.port)/default?\(query)")
            #expect(reason == .timeout)
            try await nothingIsLeft()
        }

        @Test("a program of ext that never says anything, not even when it is asked to end")
        func ext() async throws {
            let path = try folder.write("#!/bin/sh\ntrap '' TERM\nwhile :; do sleep 60; done\n", to: "mute.sh")
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
            #expect(try await reason(of: "test+ext:///default?command=\(path)") == .timeout)
            try await nothingIsLeft()
        }

        @Test("a program of ext that leads to a daemon: its events are heard")
        func extWorks() async throws {
            let daemon = try await PrivateLibvirtd.started()
            let path = try folder.write("#!/bin/sh\nexec nc -U '\(daemon.socket)'\n", to: "connect.sh")
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
            let environment = WatcherEnvironment(driver: driver, pool: runtime.pool, logger: .silent)
            let events = Locked(0)
            let host = Host(name: "h", uri: try LibvirtURI("test+ext:///default?command=\(path)"))
            let watcher = Watcher(host, environment: environment) { reports in
                let count = reports.count { if case .event = $0.body { true } else { false } }
                events.withLock { $0 += count }
            }
            await watcher.start()
            try await eventually("it is up", detail: { "\(watcher.status)" }) { watcher.status.phase == .up }
            try await Virsh.script(["suspend test", "resume test"], on: daemon)
            try await eventually("both are heard") { events.withLock { $0 } == 2 }
            await watcher.stop()
            try await nothingIsLeft()
        }

        @Test("a daemon that froze", arguments: ["tcp", "unix", "ssh", "libssh2"])
        func frozen(transport: String) async throws {
            let daemon = try await PrivateLibvirtd.started()
            let sshd = try await PrivateSSHD.started()
            let uri =
                switch transport {
                case "tcp": daemon.uri(.tcp)
                case "unix": daemon.uri(.unix)
                default:
                    "test+\(transport)://\(sshd.user)@127.0.0.1:\(sshd.port)/default?socket=\(daemon.socket)"
                        + "&keyfile=\(sshd.path(.known))&known_hosts=\(sshd.path(.right))"
                }
            daemon.freeze()
            #expect(try await reason(of: uri) == .timeout)
            try await nothingIsLeft()
            daemon.thaw()
        }

        private func nothingIsLeft() async throws {
            try await ProcessWideTests.everythingIsLetGo(runtime)
            try await eventually("no folder of a transport is left") {
                let folders = try? FileManager.default.contentsOfDirectory(atPath: folder.file("run/transport"))
                return folders ?? [] == []
            }
        }
    }
}
