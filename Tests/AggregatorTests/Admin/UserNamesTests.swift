import Dispatch
import Synchronization
import TestSupport
import Testing

@testable import Aggregator

@Suite("Names of users", .timeLimit(.minutes(10)))
struct UserNamesTests {
    @Test("a name is asked for once; a user without one is a number")
    func known() async {
        let asked = Mutex<[UInt32]>([])
        let names = UserNames(scheduler: ManualScheduler()) { user in
            asked.withLock { $0.append(user) }
            return user == 7 ? "alice" : nil
        }
        for _ in 0..<3 { #expect(await names.name(of: 7) == "alice") }
        #expect(await names.name(of: 8) == "uid 8")
        #expect(asked.withLock { $0 } == [7, 8])
    }

    @Test("a directory that does not answer is asked one thing at a time, keeps nobody for long, and is not asked more")
    func silent() async throws {
        let scheduler = ManualScheduler()
        let leave = DispatchSemaphore(value: 0)
        let asked = Atomic<Int>(0)
        let names = UserNames(scheduler: scheduler) { user in
            asked.add(1, ordering: .relaxed)
            leave.wait()
            return "user\(user)"
        }
        let requests = (0..<UserNames.queueLimit).map { user in Task { await names.name(of: UInt32(user)) } }
        // One timer for each that waits, and the pool's for the one that runs.
        try await eventually("all wait") {
            scheduler.pending.count == UserNames.queueLimit + 1 && asked.load(ordering: .relaxed) == 1
        }
        #expect(await names.name(of: 99) == "uid 99", "at once")
        scheduler.advance(by: UserNames.patience)
        for (user, request) in requests.enumerated() { #expect(await request.value == "uid \(user)") }
        leave.signal()
        try await eventually("those that nobody waits for any more are passed over") {
            let task = Task { await names.name(of: 5) }
            leave.signal()
            return await task.value == "user5"
        }
        #expect(asked.load(ordering: .relaxed) == 2)
    }
}
