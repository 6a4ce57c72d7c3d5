import Foundation
import TestSupport

/// Does one fault, and notes it.
struct Injector: Sendable {
    let fault: Schedule.Fault
    let hosts: [ChaosHost]
    let service: ChaosService
    let bus: ChaosBus
    let site: PrivateSite
    let chronicle: Chronicle
    let bounds: Bounds
    /// Waits for a host that comes late.
    let isUp: @Sendable (ChaosHost) async throws -> Void

    func inject() async throws {
        if let place = fault.host, fault.kind.isOfHost {
            let host = hosts[place]
            try await host.exclusively {
                // What was done before may have left nothing to do it to, for a moment.
                _ = try await comesTrue("there is something to do it to", within: .seconds(10), every: Self.pause) {
                    try await canBeDone(to: host)
                }
                try await chronicle.note(fault.kind, of: host.name) { try await inject(on: host, $0) }
                if fault.kind.freezes { try await renewIfEnded(host) }
            }
        } else {
            try await injectOnAll()
        }
    }

    /// A libvirtd that has been frozen may end by itself when it goes on, see ``PrivateLibvirtd/hasEnded``: a fault, too.
    private func renewIfEnded(_ host: ChaosHost) async throws {
        let hasEnded = try await comesTrue("it has ended by itself", within: .seconds(1), every: Self.pause) {
            host.daemon.hasEnded
        }
        guard hasEnded else { return }
        try await chronicle.note(.daemonKilled, of: host.name) { note in
            let moments = try await host.renew(with: SIGKILL, after: 0)
            note.holds(moments.holds)
            note.heals(moments.heals)
        }
    }

    /// Waits for as long as the fault is to last; one that keepalive is to find out is drawn for an interval of a second.
    func last() async throws {
        try await passes(.seconds(fault.kind.outlastsKeepalive ? fault.lasts * bounds.keepalive : fault.lasts))
    }

    private static let pause = Duration.milliseconds(50)

    private func canBeDone(to host: ChaosHost) async throws -> Bool {
        switch fault.kind {
        case .reset: (host.relay?.connected ?? 0) > 0
        case .sshKilled: await service.sshs.contains(where: host.isItsSSH)
        case .clientDisconnected: try await !host.readers().isEmpty
        case .classDeaf: try await service.isInStep(with: host.name)
        default: true
        }
    }

    private func inject(on host: ChaosHost, _ note: Chronicle.Note) async throws {
        switch fault.kind {
        case .daemonKilled, .daemonRestarted:
            let signal = fault.kind == .daemonKilled ? SIGKILL : SIGTERM
            let moments = try await host.renew(with: signal, after: fault.lasts)
            note.holds(moments.holds)
            note.heals(moments.heals)
        case .frozenShort, .frozenLong:
            host.daemon.freeze()
            note.holds()
            try await last()
            note.heals()
            host.daemon.thaw()
        case .packetsDropped, .packetsDroppedShort:
            try await site.cut(host.cable)
            note.holds()
            try await last()
            note.heals()
            try await site.mend(host.cable)
        case .reset:
            if host.relay?.reset() ?? 0 == 0 { note.wasIdle() }
            note.wasMomentary()
        case .listingCut:
            guard let relay = host.relay else { return note.wasIdle() }
            let cuts = relay.counts.cuts
            relay.cutNextListing()
            relay.reset()
            note.wasMomentary()
            try await eventually("a listing is cut", within: .seconds(60)) { relay.counts.cuts > cuts }
        case .sshKilled:
            let sshs = await service.sshs.filter(host.isItsSSH)
            if sshs.isEmpty { note.wasIdle() }
            for ssh in sshs { kill(ssh, SIGKILL) }
            note.wasMomentary()
        case .clientDisconnected:
            if try await host.disconnectReaders() == 0 { note.wasIdle() }
            note.wasMomentary()
        case .callsSwallowed:
            guard let relay = host.relay else { return note.wasIdle() }
            let calls = relay.counts.calls
            relay.treatCalls(.swallow)
            try await last()
            relay.treatCalls(.pass)
            if relay.counts.calls == calls { note.wasIdle() }
        case .classDeaf:
            try await deafen(host, note)
        case .downAtStart, .allLost, .selfKilled, .diskFull, .masterRestarted:
            break
        }
    }

    /// The class is heard again on a connection that is made anew, as with a daemon of which one part was.
    private func deafen(_ host: ChaosHost, _ note: Chronicle.Note) async throws {
        guard let relay = host.relay else { return note.wasIdle() }
        let object = ObjectClass.allCases[Int(fault.at * 1000) % ObjectClass.allCases.count]
        let before = relay.counts
        relay.makeDeaf(to: [RelayedMessage.EventClass(rawValue: object.rawValue) ?? .domain])
        // Something must be different in the end, or there is nothing to be found out.
        try await host.makeLasting(object)
        let isFound = try await comesTrue("another connection is made", within: .seconds(bounds.audit)) {
            relay.counts.connections > before.connections
        }
        relay.makeDeaf(to: [])
        if relay.counts.events == before.events { note.wasIdle() } else if !isFound { note.isOverdue() }
    }
}
