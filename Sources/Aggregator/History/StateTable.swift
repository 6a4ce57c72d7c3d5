/// The state of things at a time as a table: one line for each object, and one for each host of which something is
/// unknown.
struct StateTable {
    private static let head = ["HOST", "OBJECT", "NAME", "STATE", "SINCE", "HEARD"]

    let report: StateReport

    func text(colored: Bool) -> String {
        var table = GrowingTable(head: Self.head)
        let unknown = report.hosts.filter { !$0.unknown.isEmpty }.map { host in
            [host.host, host.unknown.joined(separator: " "), "-", "unknown", Self.reason(host), Self.hearing(host)]
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

    private static func reason(_ host: StateReport.Host) -> String {
        switch host.why {
        case .notKept: "nothing that old is kept"
        case .notListed, nil: "never listed by then"
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
