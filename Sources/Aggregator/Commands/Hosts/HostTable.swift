/// Hosts as a table: one line each, columns as wide as what stands in them.
struct HostTable {
    private static let head = [
        "NAME", "PHASE", "SINCE", "REASON", "NEXT ATTEMPT", "LIBVIRT", "KINDS", "EVENTS", "LABELS",
    ]

    let hosts: [HostView]

    func text(colored: Bool) -> String {
        let table = TextTable(head: Self.head, rows: hosts.map(Self.row)).lines
        let lines = zip(hosts, table.rows).map { host, line in
            colored ? host.phaseColor.map { "\u{1B}[\($0)m\(line)\u{1B}[0m" } ?? line : line
        }
        return ([colored ? "\u{1B}[1m\(table.head)\u{1B}[0m" : table.head] + lines).map { $0 + "\n" }.joined()
    }

    private static func row(_ host: HostView) -> [String] {
        let labels = host.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return [
            host.name, host.fullPhase, shortened(host.since), host.reason ?? host.doubtText ?? "-",
            shortened(host.nextAttempt), host.libvirt ?? "-", host.kindsText, "\(host.events)",
            labels.isEmpty ? "-" : labels.joined(separator: " "),
        ]
        .map(\.printable)
    }

    /// A time to the second.
    private static func shortened(_ time: String?) -> String {
        time.map { $0.count > 19 ? $0.prefix(19) + "Z" : $0 } ?? "-"
    }
}

extension HostView {
    /// What raised the first doubt of a host that is up.
    fileprivate var doubtText: String? {
        degraded.first.map { [$0.doubt, $0.object].compactMap(\.self).joined(separator: " ") }
    }

    /// How many of the kinds that are wanted it gives.
    fileprivate var kindsText: String {
        phase != "up"
            ? "-"
            : refused.isEmpty ? "\(registered.count)" : "\(registered.count) of \(registered.count + refused.count)"
    }

    /// The SGR parameter of the colour its phase is shown in; `nil` for none.
    var phaseColor: String? {
        switch phase {
        case "down": paused == nil ? "31" : "2"
        case "connecting", "stopped": "33"
        case "up" where !degraded.isEmpty || flapping != nil: "33"
        default: nil
        }
    }
}

/// One host, everything that is known of it, a line for each thing.
struct HostSheet {
    let host: HostView

    func text(colored: Bool) -> String {
        let known = rows.filter { !$0.value.isEmpty }
        let width = known.map(\.name.count).max() ?? 0
        return known.map { name, value in
            let shown = value.printable
            let color = name == "phase" && colored ? host.phaseColor : nil
            let padding = String(repeating: " ", count: width - name.count + 2)
            return name + padding + (color.map { "\u{1B}[\($0)m\(shown)\u{1B}[0m" } ?? shown) + "\n"
        }
        .joined()
    }

    private typealias Row = (name: String, value: String)

    private var rows: [Row] { what + hearing + events + host.warnings.map { ("warning", $0) } }

    private var what: [Row] {
        let paused = host.paused.map { "\($0.until.map { "until \($0)" } ?? "until it is resumed"), by \($0.by)" }
        let flapping = host.flapping.map { "lost \($0.count) times since \($0.since)" }
        var rows: [Row] = [("name", host.name), ("uri", host.uri), ("phase", host.fullPhase)]
        rows += host.degraded.map { ("degraded", $0.text) }
        rows += [
            ("flapping", flapping ?? ""), ("paused", paused ?? ""), ("since", host.since ?? ""),
            ("reason", host.reason ?? ""), ("message", host.message ?? ""),
            ("attempt", host.attempt.map { "\($0)" } ?? ""), ("next attempt", host.nextAttempt ?? ""),
            ("libvirt", host.libvirt ?? ""), ("host uuid", host.hostUuid ?? ""), ("keepalive", host.keepalive ?? ""),
        ]
        return rows
    }

    private var hearing: [Row] {
        let further = host.beyondLimit == 0 ? "" : "\(host.beyondLimit) events of objects that are not counted"
        var rows: [Row] = [("heard", host.heard?.text ?? "never"), ("audited", host.audited ?? "")]
        rows += host.classes.map { ($0.object, $0.text) }
        rows += [("beyond limit", further), ("gaps", "\(host.gaps)"), ("last gap", host.lastGap?.text ?? "")]
        return rows
    }

    private var events: [Row] {
        let labels = host.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        var rows: [Row] = [("registered", host.registered.joined(separator: " "))]
        rows += host.refused.map { ("refused", "\($0.kind): \($0.message)") }
        rows += host.olderForms.map { ("older form", "\($0.kind): \($0.message)") }
        rows += [
            ("labels", labels.joined(separator: " ")), ("filters", host.filters.joined(separator: " ")),
            ("domains", host.domains.joined(separator: " ")), ("down grace", host.downGrace),
            ("tag prefix", host.tagPrefix), ("tag layout", host.tagLayout), ("events", "\(host.events)"),
            ("dropped", "\(host.dropped)"),
        ]
        rows += host.stuck.map { ("stuck call", "\($0.lane), for \(Int($0.age)) s") }
        return rows
    }
}

extension HostView.Degraded {
    fileprivate var text: String {
        let what = doubt == "probe" ? "a call does not return" : "events of \(object ?? "some class") were missed"
        return "\(what), since \(since)"
    }
}

extension HostView.Heard {
    fileprivate var text: String {
        (age < 1 ? "just now" : "\(Duration.seconds(age.rounded()).text) ago") + ", \(at)"
    }
}

extension HostView.Class {
    fileprivate var text: String {
        let count = objects.map { "\($0) known" } ?? "never listed"
        let parts = [
            count, listed.map { "listed \($0)" }, heard.map { "heard \($0.text)" }, failure.map { "failed: \($0)" },
        ]
        return parts.compactMap(\.self).joined(separator: ", ")
    }
}

extension HostView.Gap {
    fileprivate var text: String {
        "\(from) to \(to), cause \(cause): \(classes.joined(separator: " ")), \(synthesised) events derived"
    }
}
