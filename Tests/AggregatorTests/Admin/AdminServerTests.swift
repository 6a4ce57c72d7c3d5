import Connections
import Foundation
import Logging
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import Aggregator

/// The admin interface on a real socket.
@Suite("Admin server", .timeLimit(.minutes(1)))
struct AdminServerTests {
    private let folder: TemporaryFolder
    private let backend: FakeBackend
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        backend = try FakeBackend()
        path = folder.file("admin.sock")
    }

    /// Runs the server while `body` talks to it, and stops it.
    private func serving(_ body: @escaping @Sendable (AdminClient) async throws -> Void) async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let server = AdminServer(
            api: AdminAPI(backend: backend),
            place: try AdminSocketPlace(path: path),
            pool: BlockingPool(),
            scheduler: DispatchScheduler(),
            logger: logger
        )
        struct Part: Service {
            let server: AdminServer
            func run() async throws { await server.run() }
        }
        let group = ServiceGroup(services: [Part(server: server)], logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await eventually("it listens") { Loopback.accepts(path) }
            do {
                try await body(AdminClient(path: path))
            } catch {
                await group.triggerGracefulShutdown()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        #expect(!FileManager.default.fileExists(atPath: path), "the socket goes with the server")
    }

    /// The command's own client, off the tasks' threads.
    private static func ask(_ client: AdminClient, _ method: String, _ target: String, _ body: String = "") async throws
        -> (status: Int, json: JSONValue)
    {
        let reply = try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<_, any Error>) in
            Thread.detachNewThread {
                continuation.resume(with: Result { try client.send(method, target, body: Array(body.utf8)) })
            }
        }
        return (reply.status, try JSONValue(parsing: Data(reply.body)))
    }

    @Test("it answers, knows who asks, and leaves nothing behind")
    func answers() async throws {
        try await serving { [backend] client in
            #expect(try await Self.ask(client, "GET", "/api/v1/status").json["hosts"]?["total"] == 2)
            let target = "/api/v1/hosts?phase=down&label=Rack_No=r%207"
            let (status, hosts) = try await Self.ask(client, "GET", target)
            #expect(status == 200)
            #expect(hosts["hosts"]?.array?.compactMap { $0["name"] } == ["kvm01"])
            #expect(try await Self.ask(client, "POST", "/api/v1/hosts/kvm01/pause", #"{"for":"1h"}"#).status == 200)
            #expect(backend.pauses.withLock { $0 } == ["kvm01 1h \(Account.current.name)"])
            #expect(try await Self.ask(client, "GET", "/nothing").status == 404)
            #expect(try await Self.ask(client, "DELETE", "/api/v1/status").status == 405)
        }
    }

    @Test("a body beyond the bound is refused, and the next request is answered")
    func tooLarge() async throws {
        try await serving { client in
            let body = #"{"by":""# + String(repeating: "x", count: 100_000) + #""}"#
            let (status, json) = try await Self.ask(client, "POST", "/api/v1/hosts/kvm01/pause", body)
            #expect(status == 413)
            #expect(json["error"]?["code"] == "body-too-large")
            #expect(try await Self.ask(client, "GET", "/api/v1/status").status == 200)
        }
    }

    @Test(
        "those who open it and stay silent, as many as they are, keep others waiting for seconds and the stop not at all"
    )
    func silent() async throws {
        let begin = ContinuousClock.now
        let silent = Locked<[Int32]>([])
        defer { silent.withLock { $0.forEach { close($0) } } }
        try await serving { [path] client in
            for index in 0..<(AdminServer.connectionLimit * 2) {
                let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
                silent.withLock { $0.append(descriptor) }
                guard UnixAddress.connect(descriptor, to: path) else { continue }
                // Some have begun to say something.
                if index % 2 == 0 { _ = write(descriptor, "POST /api/v1/reload HTTP/1.1\r\nContent-Le", 40) }
                if index % 4 == 1 { _ = write(descriptor, "POST /x HTTP/1.1\r\nContent-Length: 9\r\n\r\n1", 40) }
            }
            try await eventually("it answers somebody else", within: .seconds(30)) {
                (try? await Self.ask(client, "GET", "/api/v1/status"))?.status == 200
            }
            for _ in 0..<8 {
                let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
                silent.withLock { $0.append(descriptor) }
                guard UnixAddress.connect(descriptor, to: path) else { continue }
                _ = write(descriptor, "POST /x HTTP/1.1\r\nContent-Length: 9\r\n\r\n1", 40)
            }
        }
        #expect(ContinuousClock.now - begin < .seconds(30))
    }

    @Test("a client is told why it cannot ask")
    func unreachable() async throws {
        let client = AdminClient(path: path)
        await #expect(throws: AdminUnreachable(.system(ENOENT), path: path)) {
            try await Self.ask(client, "GET", "/api/v1/status")
        }
        #expect("\(AdminUnreachable(.system(ENOENT), path: path))".contains("not running"))
        #expect("\(AdminUnreachable(.system(EACCES), path: path))".contains("group"))
    }
}
