import Foundation
import TestSupport
import Testing

/// What happens to masters, under traffic: everything that was heard is on their bus afterwards, in order.
///
/// Beside the other tests, for these mostly wait; the three parts beside each other.
@Suite("A master's faults", .needs(.libvirtd, .allSalt), .timeLimit(.minutes(10)))
struct MasterFaultTests {
    private static func salt(_ version: String) -> SaltInstallation { SaltInstallation(version) }

    @Suite("its publisher", .serialized)
    struct Publisher {
        @Test(
            "one that is killed or ended comes back by itself, and no event is lost",
            arguments: [salt("3006.28"), salt("3007.15")]
        )
        func killed(salt: SaltInstallation) async throws {
            let bench = try await FaultBench(salt)
            for (times, signal) in [(1, SIGKILL), (2, SIGTERM)] {
                try await bench.flow()
                let first = try await bench.endPublisher(signal)
                try await bench.lost(times)
                try await eventually("another publisher", detail: { bench.master.log }) {
                    bench.master.publisher.map { $0 != first } ?? false
                }
                try await bench.flow()
            }
            try await bench.expectNothingLost()
        }

        @Test("one that never comes back is told with the remedy, and the master's restart is all it takes")
        func dead() async throws {
            let bench = try await FaultBench(salt("3008.3"))
            let remedy = "restart it if it runs, since its event publisher may have died"
            let retry = "This event loop is already running"
            for (times, signal) in [(1, SIGKILL), (2, SIGTERM)] {
                try await bench.flow()
                let retries = bench.master.timesLogged(retry)
                _ = try await bench.endPublisher(signal)
                try await bench.lost(times)
                try await bench.service.waitForLog("the remedy is told") { line in
                    line["message"] == "Bus unavailable" && line["error"]?.string?.contains(remedy) == true
                }
                // What the master starts anew every 10 s dies of this each time.
                try await eventually("the master has tried again", detail: { bench.master.log }) {
                    bench.master.timesLogged(retry) > retries
                }
                // Each of these tries shows for a moment as something else.
                try await eventually("it has none", detail: { bench.master.log }) { bench.master.publisher == nil }
                try await eventually("the remedy stands in the status", detail: { bench.service.log }) {
                    let bus = try await bench.service.status()["bus"]
                    return bus?["state"] == "away" && bus?["error"]?.string?.contains(remedy) == true
                }
                try await bench.master.restart()
            }
            try await bench.flow()
            let told = bench.service.logLines.count { $0["message"] == "Bus unavailable" }
            #expect(told <= 6, "\(bench.service.log)")
            try await bench.expectNothingLost()
        }
    }

    @Suite("it goes", .serialized)
    struct Going {
        @Test("a restart costs no event", arguments: [salt("3006.28"), salt("3007.15"), salt("3008.3")])
        func restarted(salt: SaltInstallation) async throws {
            let bench = try await FaultBench(salt)
            try await bench.flow()
            try await bench.master.restart()
            try await bench.lost()
            try await bench.flow()
            try await bench.expectNothingLost()
        }

        @Test(
            "a master that speaks the other framing takes its place, and the first one takes it back",
            arguments: [
                (salt("3006.28"), salt("3006.25")), (salt("3007.15"), salt("3007.14")),
                (salt("3008.3"), salt("3008.1")),
            ]
        )
        func exchanged(prefixed: SaltInstallation, bare: SaltInstallation) async throws {
            let bench = try await FaultBench(prefixed)
            try await bench.flow()
            #expect(try await bench.service.status()["bus"]?["framing"] == "length-prefixed")
            await bench.master.stop()
            let other = try await SaltMaster.started(bare, inPlaceOf: bench.master)
            try await bench.flow()
            #expect(try await bench.service.status()["bus"]?["framing"] == "bare")
            await other.stop()
            try await bench.master.start()
            try await bench.flow()
            #expect(try await bench.service.status()["bus"]?["framing"] == "length-prefixed")
            try await bench.expectNothingLost()
        }
    }

    @Suite("it freezes", .serialized)
    struct Freezing {
        enum Part: CaseIterable {
            case publisher, all
        }

        @Test(
            "for half a minute, its publisher or all of it, and no event is lost",
            arguments: zip([salt("3007.15"), salt("3008.3")], Part.allCases)
        )
        func frozen(salt: SaltInstallation, part: Part) async throws {
            let bench = try await FaultBench(salt, burst: 20)
            try await bench.flow(100)
            let publisher = try await eventually("there is a publisher", look: { bench.master.publisher })
            let signal = { (number: Int32) in
                if part == .all { bench.master.signalAll(number) } else { kill(publisher, number) }
            }
            signal(SIGSTOP)
            let end = ContinuousClock.now + .seconds(30)
            try await bench.lost()
            let status = try await bench.service.status()
            #expect(status["bus"]?["state"] == "away")
            // The status may be a try further already, and that one ends in another way.
            let loss = bench.service.logLines.first { $0["message"] == "Bus lost" }
            #expect(loss?["error"]?.string?.contains("overloaded") == true, "\(status)")
            try await eventually("half a minute has passed") { ContinuousClock.now >= end }
            signal(SIGCONT)
            try await bench.flow(100)
            try await bench.expectNothingLost()
        }
    }
}
