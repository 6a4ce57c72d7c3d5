import Foundation
import TestSupport

/// What a host says of its connection, gaps aside, beside what was done to it.
extension Hearing {
    /// Whether something was done that this can come of; what is before the first `host/up` needs no reason.
    func founds(_ news: BusEvent) -> Bool {
        guard let at = news.observed, at > first else { return true }
        if isExcused(news) { return true }
        return incidents.contains { incident in
            guard at >= incident.begins.addingTimeInterval(-Judgement.blur) else { return false }
            let heals = incident.heals ?? .distantFuture
            if incident.kind.concernsHearing {
                return at <= heals.addingTimeInterval(bounds.comeback + Judgement.after)
            }
            // What was said of the host itself, and was lost, is said again.
            return incident.kind == .diskFull && ["host/up", "host/recovered"].contains(news.tag)
                && at <= heals.addingTimeInterval(Self.longestInMemory + Judgement.after)
        }
    }

    /// Whether it tells of a probe, where a busy machine may be what that waits for.
    func isExcused(_ news: BusEvent) -> Bool { !bounds.isProbeJudged && news.data["doubt"] == "probe" }

    /// What was done to the host alone and had to be found out, and was not.
    func unnoticed(_ events: [BusEvent]) -> [Incident] {
        incidents.filter { incident in
            switch incident.kind {
            case .classDeaf: incident.isOverdue
            case .callsSwallowed: isLivedThrough(incident, events) && !isDoubted(incident, events)
            default: false
            }
        }
    }

    private func isDoubted(_ incident: Incident, _ events: [BusEvent]) -> Bool {
        let latest = latestDoubt(of: incident)
        return events.contains { event in
            ["host/degraded", "host/down"].contains(event.tag)
                && event.observed.map { $0 >= incident.begins && $0 <= latest } ?? false
        }
    }

    /// When a call that does not return must have been found out.
    private func latestDoubt(of incident: Incident) -> Date {
        let granted = Judgement.after + (bounds.isProbeJudged ? 0 : bounds.comeback)
        return (incident.heals ?? .distantFuture).addingTimeInterval(granted)
    }

    /// Whether the host was up when it began, and the service did not end before it could find it out.
    private func isLivedThrough(_ incident: Incident, _ events: [BusEvent]) -> Bool {
        let news = events.filter { event in
            ["host/up", "host/down"].contains(event.tag) && event.observed.map { $0 <= incident.begins } ?? false
        }
        guard let last = news.last, last.tag == "host/up", let up = last.observed else { return false }
        let latest = latestDoubt(of: incident)
        return !incidents.contains { $0.kind == .selfKilled && $0.begins >= up && $0.begins <= latest }
    }
}
