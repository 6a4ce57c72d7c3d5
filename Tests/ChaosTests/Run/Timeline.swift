import Foundation
import TestSupport

extension Evidence {
    /// Everything in the order of its time, for who has to find out why.
    func timeline(serviceLog: [JSONValue]) -> String {
        var lines: [(at: Date, text: String)] = []
        for incident in incidents {
            lines.append((incident.begins, "FAULT  \(incident)"))
            if let heals = incident.heals {
                lines.append((heals, "HEALS  \(incident.kind.rawValue) of \(incident.host ?? "all")"))
            }
        }
        for host in hosts {
            lines += host.direct.map { ($0.at, "direct \(host.name) \($0.object) \($0.name): \($0.words)") }
        }
        for event in BusRecord(bus).firsts {
            let tail = event.tag.dropFirst(BusRecord.prefix.count + 1)
            var data = event.data.object ?? [:]
            let id = data["relay"]?["id"]?.string ?? ""
            let synthetic = data["relay"]?["synthetic"].map { " DERIVED \($0["basis"]?.string ?? "")" } ?? ""
            for key in ["uri", "relay", "_stamp", "host", "registered", "refused", "older_forms"] { data[key] = nil }
            lines.append((event.observed ?? .distantPast, "bus    \(tail) \(JSONValue.object(data))\(synthetic) \(id)"))
        }
        for line in serviceLog {
            guard let at = line["time"]?.string.flatMap(Moment.parse) else { continue }
            lines.append((at, "log    \(line)"))
        }
        lines.append((quiet, "QUIET"))
        return lines.sorted { $0.at < $1.at }.map { "\($0.at.clock) \($0.text)\n" }.joined()
    }
}
