import Foundation
import TestSupport
import Testing

@testable import Connections

@Suite("Audit plan")
struct AuditPlanTests {
    private var plan = AuditPlan()
    private var state = HostState()
    private let key = ObjectKey.uuid(ObjectUUID(number: 7))
    private let origin = Timestamp(microseconds: 0)
    private let told = [ListedObject.domain("a"), .domain("b", number: 8)]

    init() {
        _ = state.replace(.domain, with: told, at: origin)
        _ = state.replace(.network, with: [], at: origin)
    }

    private mutating func listed(
        _ objects: [ListedObject],
        _ object: EventKind.Object = .domain,
        unsettled: Set<ObjectKey> = []
    ) -> AuditPlan.Next {
        plan.listingBegan()
        return plan.listed(object, .success(Listing(objects, unsettled: unsettled)), beside: state)
    }

    @Test("a round lists one class after the other, and finds nothing where listing and state agree")
    mutating func agrees() {
        #expect(plan.began([.domain, .network]) == .list(.domain))
        #expect(plan.isUnderWay)
        #expect(listed(told.reversed()) == .list(.network))
        #expect(listed([], .network) == .done([:]))
        #expect(!plan.isUnderWay)
        #expect(plan.began([]) == .done([:]))
    }

    @Test(
        "a difference that stands in a second listing is found: another state, one gone, one more",
        arguments: [
            [ListedObject.domain("a", Word.paused), .domain("b", number: 8)], [.domain("a")],
            [.domain("a"), .domain("b", number: 8), .domain("c", number: 9)],
        ]
    )
    mutating func found(listing: [ListedObject]) {
        _ = plan.began([.domain])
        #expect(listed(listing) == .pause)
        #expect(plan.secondLook() == .list(.domain))
        let differing = Set(state.differences(from: Listing(listing), of: .domain, without: []).keys)
        #expect(differing.count == 1)
        #expect(listed(listing) == .done([.domain: .missed(listing, differing: differing, open: [])]))
    }

    @Test("as many objects as there may be cost an event each as much as few do, when all of them differ")
    mutating func touchedOften() {
        var costs: [Duration] = []
        for count in [HostState.limit / 16, HostState.limit] {
            let keys = (0..<count).map { ObjectKey.name("\($0)") }
            let listing = keys.map { ListedObject(key: $0, state: .present($0.description), id: -1) }
            var least = Duration.seconds(1)
            // Time that a virtual machine is not given counts as used: the best of three had the least of that.
            for _ in 0..<3 {
                _ = plan.began([.nodedev])
                _ = state.replace(.nodedev, with: [], at: origin)
                #expect(listed(listing, .nodedev) == .pause)
                let began = Self.cpuTime
                for key in keys { plan.touched(.nodedev, key) }
                least = min(least, (Self.cpuTime - began) / count)
                #expect(!plan.isSuspect(.nodedev))
            }
            costs.append(least)
        }
        // What is copied for each event makes it sixteen times as much.
        #expect(costs[1] < costs[0] * 4 + .microseconds(20), "\(costs)")
    }

    /// What this thread has used: others may use the processor meanwhile.
    private static var cpuTime: Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    @Test("only the class that differs is looked at twice")
    mutating func oneClass() {
        _ = plan.began([.domain, .network])
        #expect(listed(told) == .list(.network))
        let network = ListedObject.domain("n", number: 9)
        #expect(listed([network], .network) == .pause)
        #expect(plan.secondLook() == .list(.network))
        let finding = AuditPlan.Finding.missed([network], differing: [network.key], open: [])
        #expect(listed([network], .network) == .done([.network: finding]))
    }

    @Test("a difference that is another the second time, or gone, is none")
    mutating func passing() {
        for second in [told, [.domain("a", Word.crashed), told[1]]] {
            _ = plan.began([.domain])
            #expect(listed([.domain("a", Word.paused), told[1]]) == .pause)
            _ = plan.secondLook()
            #expect(listed(second) == .done([:]))
        }
    }

    @Test("an event of the object at any time between is hearing", arguments: 0...3)
    mutating func touched(when: Int) {
        let differing = [ListedObject.domain("a", Word.paused), told[1]]
        _ = plan.began([.domain])
        plan.listingBegan()
        if when == 0 { plan.touched(.domain, key) }
        let first = plan.listed(.domain, .success(Listing(differing)), beside: state)
        #expect(first == (when == 0 ? .done([:]) : .pause))
        guard when > 0 else { return }
        if when == 1 { plan.touched(.domain, key) }
        #expect(plan.secondLook() == .list(.domain))
        if when == 2 { plan.touched(.domain, key) }
        plan.listingBegan()
        if when == 3 { plan.touched(.domain, key) }
        #expect(plan.listed(.domain, .success(Listing(differing)), beside: state) == .done([:]))
    }

    @Test(
        "an event that comes when a difference has been found, and another class is still being looked at, is hearing"
    )
    mutating func touchedLate() {
        let domains = [ListedObject.domain("a", Word.paused), .domain("b", number: 8, Word.paused)]
        let network = ListedObject.domain("n", number: 9)
        _ = plan.began([.domain, .network])
        #expect(listed(domains) == .list(.network))
        #expect(listed([network], .network) == .pause)
        #expect(plan.secondLook() == .list(.domain))
        #expect(listed(domains) == .list(.network))
        plan.touched(.domain, key)
        let finding = AuditPlan.Finding.missed(domains, differing: [domains[1].key], open: [key])
        #expect(listed([], .network) == .done([.domain: finding]))
    }

    @Test("objects that moved while they were listed are left alone")
    mutating func unsettled() {
        _ = plan.began([.domain])
        #expect(listed([told[1]], unsettled: [key]) == .done([:]))
    }

    @Test("whether a domain is persistent is no difference while no event need have said it")
    mutating func persistence() {
        _ = state.apply(
            HostEvent(
                kind: .domainLifecycle,
                subject: .domain(name: "c", id: 3, uuid: ObjectUUID(number: 9)),
                payload: .lifecycle(event: 2, detail: 0),
                observed: origin
            )
        )
        _ = plan.began([.domain])
        #expect(listed(told + [.domain("c", number: 9)]) == .done([:]))
        _ = plan.began([.domain])
        #expect(listed([.domain("a", persistent: false), told[1], .domain("c", number: 9)]) == .pause)
    }

    @Test("a class that was listed and fails twice is deaf, one that fails once or is not supported is not")
    mutating func fails() {
        let busy = Result<Listing, ListingFailure>.failure(ListingFailure("busy"))
        _ = plan.began([.domain])
        #expect(plan.listed(.domain, busy, beside: state) == .pause)
        #expect(plan.secondLook() == .list(.domain))
        #expect(plan.listed(.domain, busy, beside: state) == .done([.domain: .failed]))
        _ = plan.began([.domain])
        _ = plan.listed(.domain, busy, beside: state)
        _ = plan.secondLook()
        #expect(listed([]) == .done([:]), "what it differs by has been seen once")
        _ = plan.began([.domain])
        let unsupported = ListingFailure("no", isUnsupported: true)
        #expect(plan.listed(.domain, .failure(unsupported), beside: state) == .done([:]))
    }

    @Test("an answer that comes when the round is over is nobody's")
    mutating func late() {
        #expect(listed([]) == .done([:]))
        #expect(plan.secondLook() == .done([:]))
    }
}

private typealias Word = ObjectState.Word
