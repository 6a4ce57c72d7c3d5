internal import Connections

/// What the admin interface can have the service do and say.
protocol AdminBackend: Sendable {
    /// Throws when what was sent cannot be known, since the disk does not answer.
    func status() async throws(AdminFailure) -> StatusView
    func hosts() async -> [HostView]

    /// `nil` when there is no such host.
    func host(_ name: String) async -> HostView?

    /// The host as it is then; `nil` when there is no such host. Throws when it cannot be stored.
    func pause(_ name: String, for duration: Duration?, by who: String) async throws(AdminFailure) -> HostView?
    func resume(_ name: String, by who: String) async throws(AdminFailure) -> HostView?
    func reload() async -> Reloader.Outcome

    /// The replay that is under way, or the last one.
    func replay() async -> ReplayView

    /// One of the last replays and dry runs; `nil` = it is not known any more.
    func replay(_ id: Int64) async -> ReplayView?

    /// Begins to count what a replay is about, and then to tell it unless nothing is to change.
    func replay(_ request: ReplayRequest, by who: String) async throws(AdminFailure) -> ReplayView

    /// The replay, or dry run, as it was when it ended.
    func stopReplay() async -> ReplayView

    /// What time it is, for times that are told from it.
    var now: Timestamp { get }
}

/// A request as the admin interface takes it.
struct AdminRequest: Sendable {
    var method: String

    /// Without the query.
    var path: String
    var query: [(name: String, value: String)] = []
    var body: [UInt8] = []

    /// Who sent it, as the kernel says; may take a second, so only those ask it who have to know.
    var peer: @Sendable () async -> String? = { nil }
}

/// What is sent back: a status and JSON.
struct AdminReply: Equatable, Sendable {
    let status: Int
    let body: [UInt8]

    /// The methods that the path has, where another one was used.
    var allow: [String] = []
}

/// The contract of the admin interface, apart from how it is carried.
///
/// Any task; it waits for the service where that has to do something.
struct AdminAPI: Sendable {
    /// How many bytes a request's body may have.
    static let bodyLimit = 64 << 10

    let backend: any AdminBackend

    func reply(to request: AdminRequest) async -> AdminReply {
        do throws(AdminFailure) {
            return AdminReply(status: 200, body: try await answer(to: request))
        } catch {
            return Self.reply(to: error)
        }
    }

    static func reply(to failure: AdminFailure) -> AdminReply {
        AdminReply(
            status: failure.status,
            body: JSONText.encode(AdminFailureView(failure)),
            allow: failure.allow
        )
    }

    private func answer(to request: AdminRequest) async throws(AdminFailure) -> [UInt8] {
        guard let route = AdminRoute(path: request.path) else {
            let paths = [
                AdminRoute.status, .hosts, .host("NAME"), .pause("NAME"), .resume("NAME"), .reload, .replay,
                .oneReplay("ID"), .stopReplay,
            ]
            let requests = paths.flatMap { route in route.methods.map { "\($0) \(route.path)" } }
            throw AdminFailure(
                status: 404,
                code: .notFound,
                message: "there is no \(request.path.quoted)",
                hint: "use one of \(requests.joined(separator: ", "))"
            )
        }
        guard route.methods.contains(request.method) else {
            throw AdminFailure(
                status: 405,
                code: .methodNotAllowed,
                message: "\(request.method.quoted) is no method of \(route.path.quoted)",
                hint: "use \(route.methods.joined(separator: " or "))",
                allow: route.methods
            )
        }
        switch route {
        case .status:
            return JSONText.encode(try await backend.status())
        case .hosts:
            let query = try HostsQuery(request.query)
            return JSONText.encode(HostsView(hosts: await backend.hosts().filter(query.matches)))
        case .host(let name):
            return JSONText.encode(try await host(name))
        case .pause(let name):
            let wish = try PauseRequest(body: request.body, keys: ["for", "by"])
            let author = wish.author(peer: await request.peer())
            let view = try await backend.pause(name, for: wish.duration, by: author)
            return JSONText.encode(try await found(view, name))
        case .resume(let name):
            let wish = try PauseRequest(body: request.body, keys: ["by"])
            let author = wish.author(peer: await request.peer())
            let view = try await backend.resume(name, by: author)
            return JSONText.encode(try await found(view, name))
        case .reload:
            return try reload(await backend.reload())
        case .replay where request.method == "GET":
            return JSONText.encode(await backend.replay())
        case .replay:
            let wish = try ReplayRequest(body: request.body, now: backend.now)
            let peer = wish.isDryRun ? nil : await request.peer()
            return JSONText.encode(try await backend.replay(wish, by: PauseRequest.author(wish.by, peer: peer)))
        case .oneReplay(let id):
            guard let number = Int64(id), let view = await backend.replay(number) else {
                throw AdminFailure(
                    status: 404,
                    code: .notFound,
                    message: "there is no replay \(id.quoted)",
                    hint: "it was long ago, or in a former life of the service; `replay status` shows the last one"
                )
            }
            return JSONText.encode(view)
        case .stopReplay:
            return JSONText.encode(await backend.stopReplay())
        }
    }

    private func host(_ name: String) async throws(AdminFailure) -> HostView {
        try await found(await backend.host(name), name)
    }

    /// The host, or a failure that has the name that may have been meant.
    private func found(_ view: HostView?, _ name: String) async throws(AdminFailure) -> HostView {
        if let view { return view }
        let names = Vocabulary(words: await backend.hosts().map(\.name))
        throw AdminFailure(
            status: 404,
            code: .unknownHost,
            message: "there is no host \(name.quoted)",
            hint: names.nearest(to: name).map { "write \($0)" } ?? "`hosts list` has the names"
        )
    }

    private func reload(_ outcome: Reloader.Outcome) throws(AdminFailure) -> [UInt8] {
        switch outcome.result {
        case .success(let difference):
            let warnings = outcome.warnings.diagnostics.map(DiagnosticView.init)
            return JSONText.encode(ReloadView(difference: difference, warnings: warnings))
        case .failure(let errors):
            throw AdminFailure(
                status: 422,
                code: .invalidInventory,
                message: "the inventory has mistakes; nothing has changed",
                hint: "correct them and reload",
                diagnostics: errors.report.diagnostics
            )
        }
    }
}
