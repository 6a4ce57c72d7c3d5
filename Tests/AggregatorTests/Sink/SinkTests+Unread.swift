import Foundation
import Spool
import TestSupport
import Testing

@testable import Aggregator

/// A disk that has failed, and cannot be read either.
extension SinkTests {
    /// A database that can be taken away under the spool and be given back: SQLite's file becomes a folder, which it cannot
    /// read.
    private final class Disk {
        private let file: Int32
        private let database: Int32

        init(of spool: Spool, in folder: TemporaryFolder) throws {
            // Nothing of it is in the log then.
            spool.end()
            let files = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").filter { name in
                let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)")
                return path == folder.file("spool/spool.sqlite")
            }
            file = try #require(files.first.flatMap { Int32($0) })
            database = fcntl(file, F_DUPFD_CLOEXEC, 0)
        }

        deinit { close(database) }

        func lose() {
            let folder = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            replace(by: folder)
            close(folder)
        }

        func giveBack() { replace(by: database) }

        private func replace(by other: Int32) {
            #expect(dup2(other, file) == file)
            _ = fcntl(file, F_SETFD, FD_CLOEXEC)
        }
    }

    /// Three are kept at hand, with some room left.
    private func appendLarge(of hosts: [String]) throws {
        for host in hosts {
            let bytes = [UInt8](repeating: 1, count: Backlog.cacheLimit / 4 + 1)
            try spool.append([SpoolRecord(time: 1, host: host, object: "o", kind: "k", subject: "", bytes: bytes)])
        }
    }

    /// 1 to 3 are at hand, 4 is not; 5 is, behind it of its host, and so is 6.
    private func startedBehind() async throws -> (Sink, RecordingBus) {
        try appendLarge(of: ["a", "b", "a", "b"])
        try append(1, of: "b")
        try append(1, of: "c")
        let (sink, bus) = try await started(window: 16, hosts: ["a", "b"])
        try await eventually("they are read") { await sink.snapshot().readThrough == 6 }
        return (sink, bus)
    }

    /// Takes the disk away, with all that SQLite does not remember: these three are more than it can.
    private func lose(_ disk: Disk) throws {
        _ = try spool.next(after: 0, limit: 3)
        disk.lose()
    }

    private func sendsInAnyOrder(_ bus: RecordingBus, _ tickets: [Int64]) async throws {
        try await eventually("\(tickets)", detail: { "\(bus.sent)" }) {
            bus.sent.sorted() == tickets
        }
    }

    @Test("a disk that cannot be read holds up what is on it and what is behind that of a host; then nothing is lost")
    func unreadable() async throws {
        let (sink, bus) = try await startedBehind()
        let disk = try Disk(of: spool, in: folder)
        try spool.leaveDisk()
        try append(1, of: "c")
        try lose(disk)
        sink.take(Appended(last: 7))
        bus.becomeReady()
        try await sendsInAnyOrder(bus, [1, 2, 3, 6, 7])
        bus.confirm(1, 2, 3, 6, 7)
        try await eventually("it tries again") { scheduler.pending.contains(.seconds(1)) }
        scheduler.advance(by: Sink.unreadPatience - .seconds(1))
        try await eventually("it tries again") { scheduler.pending.contains(.seconds(1)) }
        #expect(try spool.watermark() <= 3)
        disk.giveBack()
        scheduler.advance(by: .seconds(1))
        try await sendsInAnyOrder(bus, [1, 2, 3, 4, 5, 6, 7])
        #expect(bus.sent.filter { [2, 4, 5].contains($0) } == [2, 4, 5])
        bus.confirm(4, 5)
        try await everythingIsSettled()
        #expect(await look(sink).tally.dropped == 0)
    }

    @Test("what cannot be read for long is given up, which is noted, and all the rest is sent")
    func unreadableForLong() async throws {
        let (sink, bus) = try await startedBehind()
        // This one it has not looked at.
        try appendLarge(of: ["d"])
        let disk = try Disk(of: spool, in: folder)
        try spool.leaveDisk()
        try append(1, of: "d")
        try lose(disk)
        sink.take(Appended(last: 8))
        bus.becomeReady()
        try await sendsInAnyOrder(bus, [1, 2, 3, 6])
        bus.confirm(1, 2, 3, 6)
        try await eventually("the rest is sent", detail: { "\(bus.sent)" }) {
            scheduler.advance(by: .seconds(1))
            if try spool.givenUp().isEmpty { #expect(try spool.watermark() <= 3, "nothing is passed over before") }
            return bus.sent.sorted() == [1, 2, 3, 5, 6, 8]
        }
        #expect(scheduler.now >= Sink.unreadPatience)
        #expect(try spool.givenUp() == ["a", "b"].map { GivenUp(host: $0, time: 1) })
        bus.confirm(5, 8)
        try await eventually("everything is settled") {
            scheduler.advance(by: Sink.tellInterval)
            return try spool.watermark() == 8
        }
        let look = await look(sink)
        #expect((look.tally.relayed, look.tally.dropped, look.waiting) == (6, 2, 0))
        #expect(look.dropped == ["b": 1], "whose the other was nobody knows")
    }

    @Test("a disk that takes records and cannot be read is to be left; then it is as any other that cannot be")
    func unreadableAlone() async throws {
        let (sink, bus) = try await startedBehind()
        let disk = try Disk(of: spool, in: folder)
        try lose(disk)
        bus.becomeReady()
        try await eventually("it is doubted") { spool.isDamaged }
        try spool.leaveDisk()
        try append(1, of: "d")
        sink.take(Appended(last: 7))
        try await eventually("the rest is sent", detail: { "\(bus.sent)" }) {
            scheduler.advance(by: .seconds(1))
            return bus.sent.sorted() == [1, 2, 3, 5, 6, 7]
        }
        #expect(scheduler.now >= Sink.unreadPatience)
        #expect(await look(sink).tally.dropped == 1)
    }
}

@Suite("Since when something waits")
struct OpenSinceTests {
    @Test("it is no later than what waits, and earlier by as long again at most", arguments: [1, 2, 11] as [Int64])
    func bounds(waiting: Int64) throws {
        var since = OpenSince()
        for position in Int64(1)...100 {
            let watermark = max(0, position - waiting)
            since.take(.sample(position, time: position), settled: watermark)
            let time = try #require(since.time)
            #expect(time <= watermark + 1)
            #expect(time >= position - 2 * waiting)
        }
    }
}
