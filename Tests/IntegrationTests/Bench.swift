import TestSupport
import Testing

/// A master with a listener on its bus, and what a test says to them and reads from them.
struct Bench {
    static let prefix = "salt/engines/libvirt_events"

    let master: SaltMaster
    let listener: BusListener

    init(
        _ salt: SaltInstallation,
        ipcMode: SaltMaster.IPCMode = .ipc,
        as account: Account = .current,
        configuration: String = "",
        files: [String: String] = [:]
    ) async throws {
        master = try await SaltMaster.started(
            salt,
            ipcMode: ipcMode,
            as: account,
            configuration: configuration,
            files: files
        )
        listener = try await BusListener(master)
    }

    /// What came of a host, by default all of it, without the tag's head.
    func events(of host: String, _ tail: String = "") -> [BusEvent] {
        Self.events(of: host, tail, in: listener.events)
    }

    static func events(of host: String, _ tail: String = "", in events: [BusEvent]) -> [BusEvent] {
        let head = "\(prefix)/\(host)/"
        return events.filter { $0.tag.hasPrefix(head + tail) }.map {
            BusEvent(tag: String($0.tag.dropFirst(head.count)), data: $0.data)
        }
    }

    /// Waits for a number of a host's events of one kind, and gives them.
    @discardableResult
    func wait(
        _ count: Int = 1,
        of tail: String,
        from host: String,
        within limit: Duration = .seconds(60)
    ) async throws -> [BusEvent] {
        let all = try await listener.wait(for: "\(count) \(tail) of \(host)", within: limit) {
            Self.events(of: host, tail, in: $0).count >= count
        }
        return Self.events(of: host, tail, in: all)
    }

    /// Every event of ours has an id of its own, and each host's are in order.
    func expectOrderAndIdentity(sourceLocation: SourceLocation = #_sourceLocation) {
        var last: [String: Int] = [:]
        var seen: Set<String> = []
        for event in listener.events where event.tag.hasPrefix(Self.prefix) {
            guard let id = event.data["relay"]?["id"]?.string else {
                Issue.record("no relay.id in \(event)", sourceLocation: sourceLocation)
                continue
            }
            #expect(seen.insert(id).inserted, "twice: \(event)", sourceLocation: sourceLocation)
            let parts = id.split(separator: "/")
            guard parts.count == 3, parts[0].count == 16, let number = Int(parts[2]) else {
                Issue.record("a strange relay.id: \(id)", sourceLocation: sourceLocation)
                continue
            }
            let key = "\(parts[0])/\(parts[1])"
            #expect(number == last[key, default: 0] + 1, "out of order: \(event)", sourceLocation: sourceLocation)
            last[key] = number
        }
    }
}
