import TestSupport
import Testing

@testable import Connections

@Suite("HostState")
struct HostStateTests {
    typealias Word = ObjectState.Word

    /// A life of one domain, as drivers tell it: what was there, the events, what is there then.
    struct Life: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let before: ObjectState?
        let events: [(event: Int32, detail: Int32)]
        let after: ObjectState?

        init(_ what: String, _ before: ObjectState?, _ events: [(Int32, Int32)], _ after: ObjectState?) {
            testDescription = what
            self.before = before
            self.events = events
            self.after = after
        }
    }

    private static func domain(_ word: String, persistent: Bool = true, name: String = "web") -> ObjectState {
        let isActive = word != Word.shutoff
        return ObjectState(name: name, persistent: persistent, active: isActive, state: word)
    }

    static let lives: [Life] = [
        Life("defined", nil, [(0, 0)], domain(Word.shutoff)),
        Life("defined and started (qemu)", nil, [(0, 0), (4, 0), (2, 0)], domain(Word.running)),
        Life("started before defined", nil, [(2, 0), (0, 0)], domain(Word.running)),
        Life("created, transient", nil, [(4, 0), (2, 0)], domain(Word.running, persistent: false)),
        Life("created paused", nil, [(2, 0), (3, 0)], domain(Word.paused, persistent: false)),
        Life("a transient one ends", domain(Word.running, persistent: false), [(5, 0)], nil),
        Life(
            "a transient one is defined",
            domain(Word.paused, persistent: false),
            [(0, 0)],
            domain(Word.paused)
        ),
        Life("defined anew while it runs", domain(Word.running), [(0, 1)], domain(Word.running)),
        Life("undefined while it is off", domain(Word.shutoff), [(1, 0)], nil),
        Life("undefined while it runs", domain(Word.running), [(1, 0)], domain(Word.running, persistent: false)),
        Life("undefined while it runs, then destroyed", domain(Word.running), [(1, 0), (6, 2), (5, 1)], nil),
        Life("suspended and resumed", domain(Word.running), [(3, 0), (4, 0)], domain(Word.running)),
        Life("paused by an error of its disk", domain(Word.running), [(3, 2)], domain(Word.paused)),
        Life("shut down by its guest", domain(Word.running), [(6, 1)], domain(Word.shutdown)),
        Life("shut down to the end", domain(Word.running), [(6, 1), (5, 0)], domain(Word.shutoff)),
        Life("asleep", domain(Word.running), [(7, 0)], domain(Word.pmsuspended)),
        Life("asleep and woken (qemu)", domain(Word.running), [(7, 0), (2, 4)], domain(Word.running)),
        Life("asleep on its disk (qemu)", domain(Word.running), [(7, 1), (6, 1), (5, 0)], domain(Word.shutoff)),
        Life("panicked and kept", domain(Word.running), [(8, 0)], domain(Word.crashed)),
        Life("panicked and destroyed", domain(Word.running), [(8, 0), (5, 2)], domain(Word.shutoff)),
        Life("runs its crash kernel", domain(Word.running), [(8, 1)], domain(Word.running)),
        Life("its process was killed", domain(Word.running), [(5, 5)], domain(Word.shutoff)),
        Life("saved", domain(Word.running), [(5, 4)], domain(Word.shutoff)),
        Life("saved and restored", domain(Word.running), [(5, 4), (2, 2)], domain(Word.running)),
        Life("back to a snapshot that ran", domain(Word.running), [(5, 6), (2, 3)], domain(Word.running)),
        Life("migrated in", nil, [(2, 1), (3, 1), (4, 1)], domain(Word.running, persistent: false)),
        Life("migrated out", domain(Word.running, persistent: false), [(3, 1), (5, 3)], nil),
        Life("migrated out, its definition stays", domain(Word.running), [(3, 1), (5, 3)], domain(Word.shutoff)),
        Life("made anew (11.6)", domain(Word.running), [(5, 7), (2, 5)], domain(Word.running)),
        Life("paused after a failed copy", domain(Word.running), [(3, 7), (3, 8)], domain(Word.paused)),
        Life("a word of a later libvirt", domain(Word.running), [(9, 0), (17, 3)], domain(Word.running)),
        Life("a later detail", domain(Word.running), [(3, 99)], domain(Word.paused)),
        Life("stopped, and nobody knew of it", nil, [(5, 0)], nil),
    ]

    @Test("the lives of domains, as real drivers tell them", arguments: lives)
    func domains(life: Life) {
        var state = HostState()
        let key = ObjectKey.uuid(ObjectUUID(number: 7))
        let listing = life.before.map { [ListedObject(key: key, state: $0)] } ?? []
        _ = state.replace(.domain, with: listing, at: moment(0))
        var told = life.before
        for (index, step) in life.events.enumerated() {
            for change in state.apply(Self.event(.domain, step.event, step.detail, at: index + 1)) {
                #expect(change.key == key.description)
                #expect(change.at == moment(index + 1))
                #expect(change.state != told, "what has not changed is not told")
                told = change.state
            }
        }
        #expect(state.objects(of: .domain)?[key] == life.after)
        #expect(told == life.after)
    }

    @Test("a new name is told by the second of its events, and the first changes nothing")
    func renamed() {
        var state = HostState()
        _ = state.replace(.domain, with: [.domain("old", active: false, Word.shutoff)], at: moment(0))
        #expect(state.apply(Self.event(.domain, 1, 1, name: "old")) == [])
        let changes = state.apply(Self.event(.domain, 0, 2, name: "new"))
        #expect(changes.map(\.state) == [Self.domain(Word.shutoff, name: "new")])
    }

    @Test(
        "networks and pools are defined, started, stopped and undefined",
        arguments: [EventKind.Object.network, .pool]
    )
    func services(object: EventKind.Object) {
        var state = HostState()
        _ = state.replace(object, with: [], at: moment(0))
        let lives: [([Int32], ObjectState?)] = [
            ([0], ObjectState(name: "web", persistent: true, active: false, state: Word.inactive)),
            ([4], ObjectState(name: "web", persistent: true, active: false, state: Word.inactive)),
            ([2], ObjectState(name: "web", persistent: true, active: true, state: Word.active)),
            ([1], ObjectState(name: "web", persistent: false, active: true, state: Word.active)),
            ([3], nil), ([4], nil), ([5], nil),
            ([2], ObjectState(name: "web", persistent: false, active: true, state: Word.active)),
            ([0, 3], ObjectState(name: "web", persistent: true, active: false, state: Word.inactive)),
            ([1], nil),
        ]
        for (events, wanted) in lives {
            for event in events { _ = state.apply(Self.event(object, event, 0)) }
            #expect(state.objects(of: object)?.values.first == wanted, "after \(events)")
        }
    }

    @Test("devices and secrets are there or not", arguments: [EventKind.Object.nodedev, .secret])
    func present(object: EventKind.Object) {
        var state = HostState()
        _ = state.replace(object, with: [], at: moment(0))
        let there = state.apply(Self.event(object, 0, 0))
        #expect(there.map(\.state?.state) == [Word.present])
        #expect(there.map(\.key) == [object == .nodedev ? "web" : ObjectUUID(number: 7).description])
        #expect(state.apply(Self.event(object, 2, 0)) == [])
        #expect(state.apply(Self.event(object, 3, 0)) == [])
        #expect(state.apply(Self.event(object, 1, 0)).map(\.state) == [nil])
        #expect(state.count(of: object) == 0)
    }

    @Test("what is no lifecycle changes nothing")
    func others() {
        var state = HostState()
        _ = state.replace(.domain, with: [.domain("web")], at: moment(0))
        let event = HostEvent(
            kind: .domainPMSuspend,
            subject: .domain(name: "web", id: 1, uuid: ObjectUUID(number: 7)),
            payload: .powerManagement(reason: 0),
            observed: moment(1)
        )
        #expect(state.apply(event) == [])
    }

    @Test("a class has no state before its first listing; what events said meanwhile holds if they came during it")
    func baseline() {
        var state = HostState()
        let (during, before) = (ObjectKey.uuid(ObjectUUID(number: 1)), ObjectKey.uuid(ObjectUUID(number: 2)))
        let said =
            state.apply(Self.event(.domain, 3, 0, name: "during", number: 1))
            + state.apply(Self.event(.domain, 2, 0, name: "before", number: 2))
        #expect(said.map(\.state?.state) == [Word.paused, Word.running], "it is told, and a next life is to know that")
        #expect(state.count(of: .domain) == nil)
        let changes = state.replace(
            .domain,
            with: [.domain("during", number: 1), .domain("third", number: 3)],
            touched: [during],
            at: moment(5)
        )
        // The event knows that it is paused, the listing that it is persistent.
        #expect(state.objects(of: .domain)?[during] == Self.domain(Word.paused, name: "during"))
        #expect(state.objects(of: .domain)?[before] == nil)
        #expect(state.count(of: .domain) == 2)
        #expect(Set(changes.map(\.state?.name)) == ["during", "third", nil, ""])
        #expect(changes.last?.key == "" && changes.last?.state != nil)
        #expect(changes.allSatisfy { $0.at == moment(5) })
    }

    @Test("a later listing tells what is another, and nothing of what events are about")
    func relisted() {
        var state = HostState()
        let listing: [ListedObject] = (1...5).map { .domain("d\($0)", number: $0) }
        _ = state.replace(.domain, with: listing, at: moment(0))
        _ = state.apply(Self.event(.domain, 3, 0, name: "d4", number: 4))
        let gone = ObjectKey.uuid(ObjectUUID(number: 5))
        _ = state.apply(Self.event(.domain, 1, 0, name: "d5", number: 5))
        _ = state.apply(Self.event(.domain, 5, 0, name: "d5", number: 5))
        let again = [listing[0], .domain("d2", number: 2, Word.paused), listing[3], listing[4]]
        let changes = state.replace(
            .domain,
            with: again,
            touched: [.uuid(ObjectUUID(number: 4)), gone],
            at: moment(9)
        )
        let wanted = Set([
            StateChange.change(3, nil, at: 9), .change(2, Self.domain(Word.paused, name: "d2"), at: 9),
        ])
        #expect(Set(changes) == wanted)
        #expect(state.objects(of: .domain)?[.uuid(ObjectUUID(number: 4))]?.state == Word.paused)
        #expect(state.objects(of: .domain)?[gone] == nil)
        #expect(
            state.replace(.domain, with: again, touched: [.uuid(ObjectUUID(number: 4)), gone], at: moment(10)) == []
        )
    }

    @Test("a class that is merely not heard keeps what is known; one that is forgotten begins anew")
    func silence() {
        var state = HostState()
        _ = state.replace(.network, with: [.domain("a", number: 1), .domain("b", number: 2)], at: moment(0))
        #expect(state.silence(.network, at: moment(1)).map(\.key) == [""])
        #expect(state.silence(.network, at: moment(1)) == [])
        #expect(state.count(of: .network) == 2)
        let back = state.replace(.network, with: [.domain("b", number: 2)], at: moment(2))
        #expect(back.map(\.state?.state) == [nil, Word.listed])
        let forgotten = state.forget(.network, at: moment(3))
        #expect(Set(forgotten.map(\.key)) == ["", ObjectUUID(number: 2).description])
        #expect(forgotten.allSatisfy { $0.state == nil })
        #expect(state.count(of: .network) == nil)
        #expect(state.forget(.network, at: moment(3)) == [])
    }

    @Test("a host is heard or not, and that is told when it changes")
    func heard() {
        var state = HostState()
        #expect(state.hear(false, at: moment(0)) == [])
        #expect(state.hear(true, at: moment(1)).map(\.state?.state) == [Word.up])
        #expect(state.hear(true, at: moment(2)) == [])
        #expect(state.hear(false, at: moment(3)) == [StateChange(object: .host, key: "", state: nil, at: moment(3))])
    }

    @Test("who floods us with new objects is bounded, and what is left out is counted")
    func bounded() {
        var state = HostState()
        _ = state.replace(.nodedev, with: [], at: moment(0))
        for number in 0..<(HostState.limit + 10) { _ = state.apply(Self.event(.nodedev, 0, 0, name: "n\(number)")) }
        #expect(state.count(of: .nodedev) == HostState.limit)
        #expect(state.beyondLimit == 10)
        #expect(state.apply(Self.event(.nodedev, 1, 0, name: "n1")).count == 1)
    }

    @Test("a part of a first listing, kept by a service that was killed, is no state, and is put right by the next one")
    func partOfListing() {
        var state = HostState()
        let listing = (1...3).map { ListedObject.domain("n\($0)", number: $0) }
        let rows = state.replace(.domain, with: listing, at: moment(1))
        #expect(rows.count == 4 && rows.last?.key == "", "the word that it is whole comes last")
        var again = HostState(rows.prefix(2))
        #expect(again.objects(of: .domain) == nil)
        let gone = rows[0].key
        let rest = listing.filter { $0.key.description != gone }
        let changes = again.replace(.domain, with: rest, at: moment(2))
        #expect(changes.first { $0.key == gone }.map { $0.state == nil } == true)
        let last = Dictionary((rows.prefix(2) + changes).map { ($0.key, $0) }) { $1 }
        #expect(HostState(last.values).objects(of: .domain)?.count == 2)
    }

    @Test("the last row of every object is the state, whatever happened", arguments: 0..<20 as Range<UInt64>)
    func persisted(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var state = HostState()
        var rows: [String: StateChange] = [:]
        func keep(_ changes: [StateChange]) {
            for change in changes { rows["\(change.object)/\(change.key)"] = change }
        }
        for step in 0..<400 {
            let object = EventKind.Object.allCases.randomElement(using: &random) ?? .domain
            let number = UInt8.random(in: 1...6, using: &random)
            switch Int.random(in: 0..<40, using: &random) {
            case 0:
                let listing = (1...6).filter { _ in Bool.random(using: &random) }.map {
                    object == .nodedev
                        ? ListedObject(key: .name("n\($0)"), state: Self.domain(Word.present, name: "n\($0)"))
                        : ListedObject.domain("n\($0)", number: $0, persistent: Bool.random(using: &random))
                }
                let touched = Set(listing.map(\.key).filter { _ in Bool.random(using: &random) })
                keep(state.replace(object, with: listing, touched: touched, at: moment(step)))
            case 1: keep(state.forget(object, at: moment(step)))
            case 2: keep(state.silence(object, at: moment(step)))
            case 3: keep(state.hear(Bool.random(using: &random), at: moment(step)))
            case 4: state = HostState(rows.values)
            default:
                let (event, detail) = (Int32.random(in: 0...9, using: &random), Int32.random(in: 0...3, using: &random))
                keep(state.apply(Self.event(object, event, detail, name: "n\(number)", number: number, at: step)))
            }
            let again = HostState(rows.values)
            #expect(again.isHeard == state.isHeard)
            for object in EventKind.Object.allCases {
                #expect(again.objects(of: object) == state.objects(of: object), "\(object), \(step)")
                #expect(again.keys(of: object) == state.keys(of: object), "\(object), \(step)")
            }
        }
    }

    @Test("of a device without a name there is no state: its key would be that of its class")
    func nameless() {
        var state = HostState()
        let changes = [Int32(0), 1, 0].flatMap { state.apply(Self.event(.nodedev, $0, 0, name: "")) }
        #expect(changes == [])
        let device = ListedObject(key: .name(""), state: .present(""))
        let listing = Listing([device]).objects
        #expect(state.differences(of: .nodedev, from: listing) == [])
        #expect(state.replace(.nodedev, with: listing, at: moment(1)) == [.isListed(.nodedev, at: moment(1))])
        #expect(state.makeUp(before: Self.event(.nodedev, 1, 0, name: "")).isEmpty)
    }

    static func event(
        _ object: EventKind.Object,
        _ event: Int32,
        _ detail: Int32,
        name: String = "web",
        number: UInt8 = 7,
        at index: Int = 1
    ) -> HostEvent {
        let uuid = ObjectUUID(number: number)
        let subject: HostEvent.Subject =
            switch object {
            case .domain: .domain(name: name, id: -1, uuid: uuid)
            case .network: .network(name: name, uuid: uuid)
            case .pool: .pool(name: name, uuid: uuid)
            case .nodedev: .nodedev(name: name)
            case .secret: .secret(uuid: uuid)
            }
        return HostEvent(
            kind: .lifecycle(of: object),
            subject: subject,
            payload: .lifecycle(event: event, detail: detail),
            observed: moment(index)
        )
    }
}

private func moment(_ seconds: Int) -> Timestamp {
    Timestamp(microseconds: Int64(seconds) * 1_000_000)
}

extension StateChange {
    fileprivate static func change(_ number: UInt8, _ state: ObjectState?, at seconds: Int) -> StateChange {
        StateChange(object: .domain, key: ObjectUUID(number: number).description, state: state, at: moment(seconds))
    }
}
