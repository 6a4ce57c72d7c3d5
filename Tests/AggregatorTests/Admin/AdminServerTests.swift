import Connections
import Foundation
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import Aggregator

/// The admin interface on a real socket.
@Suite("Admin server", .timeLimit(.minutes(10)))
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
    private func serving(
        lifetime: TimeAmount = .seconds(60),
        idleTimeout: TimeAmount = .seconds(5),
        stopPatience: Duration = .seconds(1),
        _ body: @escaping @Sendable (AdminClient) async throws -> Void
    ) async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        var server = AdminServer(
            api: AdminAPI(backend: backend),
            place: try AdminSocketPlace(path: path),
            scheduler: DispatchScheduler(),
            logger: logger
        )
        server.idleTimeout = idleTimeout
        server.stopPatience = stopPatience
        server.lifetime = lifetime
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
            #expect(try await Self.ask(client, "GET", "/api/v1/status").json["hosts"]?["total"] == 3)
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

    @Test("those who open it and stay silent, as many as they are, keep others waiting but for a moment")
    func silent() async throws {
        // So long that nothing but silence ends them.
        try await serving(lifetime: .hours(1), idleTimeout: .milliseconds(200)) { [path] client in
            let silent = Silent(to: path)
            // Nothing, half a head, and a whole one with half a body.
            let texts = ["", "POST /api/v1/reload HTTP/1.1\r\nHost: x\r\nContent-Le", Self.halfBody]
            for index in 0..<(AdminServer.connectionLimit * 2) { silent.say(texts[index % 3]) }
            try await eventually("it answers somebody else") {
                (try? await Self.ask(client, "GET", "/api/v1/status"))?.status == 200
            }
            try await eventually("all of them are sent away") { silent.areEnded }
        }
    }

    @Test("a request that never comes to its end is ended, and holds up the stop no longer than it may")
    func slow() async throws {
        // Without a bound the stop would wait for the lifetime of the last ones.
        let last = Silent(to: path)
        let clock = ContinuousClock()
        let stopping = Mutex(clock.now)
        try await serving(lifetime: .seconds(50), idleTimeout: .seconds(50), stopPatience: .milliseconds(100)) { _ in
            for _ in 0..<8 { last.say(Self.halfBody) }
            stopping.withLock { $0 = clock.now }
        }
        #expect(stopping.withLock { $0.duration(to: clock.now) } < .seconds(45))
    }

    @Test("a request is sent away after its time, however busy it is")
    func busyBody() async throws {
        try await serving(lifetime: .milliseconds(500)) { [path] _ in
            let slow = Silent(to: path)
            // A byte at a time it would take ten minutes.
            slow.say(Self.halfBody.replacing("4000", with: "60000"))
            try await eventually("it is sent away however busy it is") {
                slow.go()
                return slow.areEnded
            }
        }
    }

    private static let halfBody = "POST /api/v1/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 4000\r\n\r\n1"

    /// Connections of those who are in no hurry.
    private final class Silent: Sendable {
        private let path: String
        private let descriptors = Locked<[Int32]>([])

        init(to path: String) { self.path = path }

        deinit { descriptors.withLock { $0.forEach { close($0) } } }

        /// Opens one more and says something, if there is room for it.
        func say(_ text: String) {
            let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
            guard UnixAddress.connect(descriptor, to: path) else {
                close(descriptor)
                return
            }
            descriptors.withLock { $0.append(descriptor) }
            _ = send(descriptor, text, text.utf8.count, Int32(MSG_NOSIGNAL))
        }

        /// Says one byte more on each.
        func go() {
            descriptors.withLock { $0.forEach { _ = send($0, "1", 1, Int32(MSG_NOSIGNAL)) } }
        }

        /// Whether the other side has ended all of them.
        var areEnded: Bool {
            descriptors.withLock { descriptors in
                descriptors.allSatisfy { descriptor in
                    var byte: UInt8 = 0
                    return recv(descriptor, &byte, 1, Int32(MSG_PEEK)) == 0 || errno == ECONNRESET
                }
            }
        }
    }

    @Test(
        "what would end the request's line is not sent",
        arguments: ["/a b", "/a\r\nPOST /api/v1/reload", "/a\t", "/\u{0}", "/ü", "/\u{7F}"]
    )
    func target(target: String) async throws {
        await #expect(throws: AdminUnreachable(.target, path: path)) {
            try await Self.ask(AdminClient(path: path), "GET", target)
        }
    }

    @Test("a service whose queue is full is waited for, and is not said to be gone")
    func busy() async throws {
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        #expect(bound == 0 && listen(listener, 0) == 0)
        let first = Silent(to: path)
        first.say("")
        let client = AdminClient(path: path, limit: .milliseconds(50))
        await #expect(throws: AdminUnreachable(.silent, path: path)) {
            try await Self.ask(client, "GET", "/api/v1/status")
        }
        let other = AdminClient(path: path, limit: .seconds(180))
        let patient = Task { try await Self.ask(other, "GET", "/api/v1/status") }
        close(accept(listener, nil, nil))
        let second = accept(listener, nil, nil)
        defer { close(second) }
        let reply = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
        _ = send(second, reply, reply.utf8.count, Int32(MSG_NOSIGNAL))
        shutdown(second, Int32(SHUT_WR))
        #expect(try await patient.value.status == 200)
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
