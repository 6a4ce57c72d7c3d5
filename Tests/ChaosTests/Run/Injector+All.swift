import Foundation
import TestSupport

/// What is done to all of the hosts, to the service or to the master.
extension Injector {
    func injectOnAll() async throws {
        switch fault.kind {
        case .allLost:
            try await ChaosHost.exclusively(hosts[...]) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for host in hosts {
                        group.addTask {
                            try await chronicle.note(.allLost, of: host.name) { note in
                                let moments = try await host.renew(with: SIGKILL, after: fault.lasts)
                                note.holds(moments.holds)
                                note.heals(moments.heals)
                            }
                        }
                    }
                    try await group.waitForAll()
                }
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
                let failures = await service.journalFailures
                try await site.fillDisk()
                note.holds()
                try await last()
                // Where nothing happened to be told it goes on until something was.
                _ = try await comesTrue("the disk is missed", within: .seconds(5), every: .milliseconds(200)) {
                    await service.journalFailures > failures
                }
                site.clearDisk()
                note.heals()
                // By the time that it has written what it could not write then, it has said that it could not.
                try await eventually("nothing waits for the journal", within: .seconds(30)) {
                    try await service.hasWrittenAll()
                }
                if await service.journalFailures == failures { note.wasIdle() }
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
