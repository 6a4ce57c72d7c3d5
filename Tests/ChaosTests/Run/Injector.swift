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
    /// Waits for a host that comes late.
    let isUp: @Sendable (ChaosHost) async throws -> Void

    func inject() async throws {
        if let place = fault.host, fault.kind.isOfHost {
            let host = hosts[place]
            try await host.exclusively {
                try await chronicle.note(fault.kind, of: host.name) { try await inject(on: host, $0) }
            }
        } else {
            try await injectOnAll()
        }
    }

    private func last() async throws { try await Task.sleep(for: .seconds(fault.lasts)) }

    // MARK: One host

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
            host.relay?.reset()
            note.wasMomentary()
        case .listingCut:
            host.relay?.cutNextListing()
            host.relay?.reset()
            note.wasMomentary()
        case .sshKilled:
            for ssh in await service.sshs where host.isItsSSH(ssh) { kill(ssh, SIGKILL) }
            note.wasMomentary()
        case .clientDisconnected:
            _ = try await host.disconnectReaders()
            note.wasMomentary()
        case .callsSwallowed:
            host.relay?.treatCalls(.swallow)
            try await last()
            host.relay?.treatCalls(.pass)
        case .classDeaf:
            try await deafen(host)
        case .downAtStart, .allLost, .selfKilled, .diskFull, .masterRestarted:
            break
        }
    }

    /// The class is heard again on a connection that is made anew, as with a daemon of which one part was.
    private func deafen(_ host: ChaosHost) async throws {
        guard let relay = host.relay else { return }
        let object = ObjectClass.allCases[Int(fault.at * 1000) % ObjectClass.allCases.count]
        let connections = relay.counts.connections
        relay.makeDeaf(to: [RelayedMessage.EventClass(rawValue: object.rawValue) ?? .domain])
        // Something must be different in the end, or there is nothing to be found out.
        host.makeLasting(object)
        let end = ContinuousClock.now + .seconds(20)
        while relay.counts.connections == connections, ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(2))
        }
        relay.makeDeaf(to: [])
    }

    // MARK: All of them

    private func injectOnAll() async throws {
        switch fault.kind {
        case .allLost:
            try await withThrowingTaskGroup(of: Void.self) { group in
                for host in hosts {
                    group.addTask {
                        try await host.exclusively {
                            try await chronicle.note(.allLost, of: host.name) { note in
                                let moments = try await host.renew(with: SIGKILL, after: fault.lasts)
                                note.holds(moments.holds)
                                note.heals(moments.heals)
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
        case .selfKilled:
            try await chronicle.note(.selfKilled, of: nil) { note in
                try await service.kill()
                note.holds()
                try await last()
                note.heals()
                try await service.start()
            }
        case .diskFull:
            try await chronicle.note(.diskFull, of: nil) { note in
                try await site.fillDisk()
                note.holds()
                try await last()
                site.clearDisk()
            }
        case .masterRestarted:
            try await chronicle.note(.masterRestarted, of: nil) { _ in try await bus.master.restart() }
        case .downAtStart:
            guard let place = fault.host else { return }
            let host = hosts[place]
            try await host.exclusively {
                try await chronicle.note(.downAtStart, of: host.name) { note in
                    try await last()
                    try await host.start()
                    note.heals()
                    try await isUp(host)
                }
            }
        default: break
        }
    }
}
