/// The state of things at a time as a table: one line for each object, and one for each host of which something is
/// unknown.
struct StateTable {
    private static let head = ["HOST", "OBJECT", "NAME", "STATE", "SINCE", "HEARD"]

    let report: StateReport

    func text(colored: Bool) -> String {
        var table = GrowingTable(head: Self.head)
        let unknown = report.hosts.flatMap { host in
            // One line for each reason.
            Dictionary(grouping: host.unknown, by: \.why).sorted { $0.key.rawValue < $1.key.rawValue }.map {
                why,
                objects in
                let objects = objects.map(\.object).joined(separator: " ")
                return [host.host, objects, "-", "unknown", Self.words(why), Self.hearing(host)]
            }
        }
        return table.lines(of: (report.objects.map(Self.row) + unknown).map { $0.map(\.printable) }, colored: colored)
    }

    private static func row(_ object: StateReport.Object) -> [String] {
        [
            object.host, object.object, object.name.isEmpty ? object.uuid ?? "-" : object.name,
            object.state
                + (object.persistent || object.object != "domain" || object.state == "gone" ? "" : ", transient"),
            object.since, object.notHeardSince.map { "not since \($0)" } ?? "yes",
        ]
    }

    private static func words(_ why: StateReport.Why) -> String {
        switch why {
        case .notKept: "nothing that old is kept"
        case .notListed: "never listed by then"
        case .notWatched: "not watched any more"
        }
    }

    private static func hearing(_ host: StateReport.Host) -> String {
        switch host.heard {
        case true: "yes"
        case false: "not since \(host.since ?? "-")"
        case nil: "-"
        }
    }
}
