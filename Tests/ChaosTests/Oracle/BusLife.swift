import Foundation
import TestSupport

/// One lifecycle event of a domain, a network or a pool, as a subscriber of the bus saw it.
struct BusLife: Sendable {
    let key: ObjectName
    let name: String
    let event: String
    let detail: String
    let observed: Date
    /// `resync` or `audit`, on one that nobody heard.
    let basis: String?
    /// From when on it is heard again what that one stands for.
    let heardFrom: Date?

    var isDerived: Bool { basis != nil }

    /// - Parameter event: One whose tag is without the host's head.
    init?(_ event: BusEvent) {
        guard let object = ObjectClass.allCases.first(where: { event.tag == "\($0)/lifecycle" }),
            let subject = event.data[object.rawValue], let uuid = subject["uuid"]?.string,
            let word = event.data["event"]?.string, let relay = event.data["relay"],
            let observed = relay["observed"]?.string.flatMap(Moment.parse)
        else { return nil }
        key = ObjectName(object: object, uuid: uuid)
        name = subject["name"]?.string ?? ""
        self.event = word
        detail = event.data["detail"]?.string ?? ""
        self.observed = observed
        let synthetic = relay["synthetic"]
        basis = synthetic.map { $0["basis"]?.string ?? "unknown" }
        heardFrom = synthetic?["to"]?.string.flatMap(Moment.parse)
    }
}

/// What a host told of its hearing.
struct BusGap: Sendable, CustomStringConvertible {
    let from, to: Date
    let classes: Set<String>
    let cause: String

    init?(_ event: BusEvent) {
        guard event.tag == "host/gap", let from = event.data["from"]?.string.flatMap(Moment.parse),
            let to = event.data["to"]?.string.flatMap(Moment.parse)
        else { return nil }
        self.init(
            from: from,
            to: to,
            classes: Set(event.data["classes"]?.array?.compactMap(\.string) ?? []),
            cause: event.data["cause"]?.string ?? ""
        )
    }

    init(from: Date, to: Date, classes: Set<String>, cause: String) {
        self.from = from
        self.to = to
        self.classes = classes
        self.cause = cause
    }

    var description: String {
        "gap \(from.clock) to \(to.clock) of \(classes.sorted().joined(separator: " ")), \(cause)"
    }
}

/// Records that the service says it lost.
struct BusLoss: Sendable {
    let since, told: Date
    let hosts: Set<String>
    /// Whether they were in the journal; what found no way there had not been told.
    let isOfJournal: Bool

    /// - Parameter event: One with its whole tag.
    init?(_ event: BusEvent) {
        guard event.tag == "\(BusRecord.prefix)/aggregator/dropped", let told = event.observed,
            let since = event.data["since"]?.string.flatMap(Moment.parse), let counts = event.data["counts"]
        else { return nil }
        self.init(
            since: since,
            told: told,
            hosts: Set((event.data["hosts"]?.object ?? [:]).keys),
            isOfJournal: ["room", "memory"].contains { counts[$0]?.integer ?? 0 > 0 }
        )
    }

    init(since: Date, told: Date, hosts: Set<String>, isOfJournal: Bool = true) {
        self.since = since
        self.told = told
        self.hosts = hosts
        self.isOfJournal = isOfJournal
    }

    /// Whether a disk was full at the time: nothing else makes records be lost.
    func isFounded(by incidents: [Incident]) -> Bool {
        incidents.contains { incident in
            let heals = incident.heals ?? .distantFuture
            return incident.kind == .diskFull && !incident.isIdle
                && since <= heals.addingTimeInterval(Hearing.longestInMemory)
                && told >= incident.begins.addingTimeInterval(-Judgement.blur)
        }
    }
}
