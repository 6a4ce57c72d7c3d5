import TestSupport
import Testing

@testable import Connections

@Suite("LifecyclePath")
struct LifecyclePathTests {
    typealias Word = ObjectState.Word

    /// Every state that an object of a class can be told to be in, under two names; `nil` = not there.
    static func states(of object: EventKind.Object) -> [ObjectState?] {
        let names = ["web", "db"]
        func all(off: String, on: [String]) -> [ObjectState?] {
            names.flatMap { name in
                [ObjectState(name: name, persistent: true, active: false, state: off)]
                    + on.flatMap { word in
                        [true, false].map { ObjectState(name: name, persistent: $0, active: true, state: word) }
                    }
            }
        }
        switch object {
        case .domain:
            return [nil]
                + all(
                    off: Word.shutoff,
                    on: [Word.running, Word.paused, Word.shutdown, Word.crashed, Word.pmsuspended]
                )
        case .network, .pool: return [nil] + all(off: Word.inactive, on: [Word.active])
        case .nodedev: return [nil, .present("web")]
        case .secret: return [nil, .present(ObjectUUID(number: 7).description)]
        }
    }

    static func key(of object: EventKind.Object) -> ObjectKey {
        object == .nodedev ? .name("web") : .uuid(ObjectUUID(number: 7))
    }

    private func state(_ object: EventKind.Object, _ old: ObjectState?) -> HostState {
        var state = HostState()
        let listing = old.map { [ListedObject(key: Self.key(of: object), state: $0)] } ?? []
        _ = state.replace(object, with: listing, at: Timestamp(microseconds: 0))
        return state
    }

    private func listing(_ object: EventKind.Object, _ new: ObjectState?) -> [ListedObject] {
        new.map { [ListedObject(key: Self.key(of: object), state: $0, id: $0.active && object == .domain ? 5 : -1)] }
            ?? []
    }

    @Test("from any state to any other there are steps, none of them in vain", arguments: EventKind.Object.allCases)
    func allPairs(object: EventKind.Object) {
        let key = Self.key(of: object)
        var pairs = 0
        for old in Self.states(of: object) {
            for new in Self.states(of: object) {
                var state = state(object, old)
                let differences = state.differences(of: object, from: listing(object, new))
                #expect(differences.isEmpty == (old == new), "nothing is told when nothing has changed")
                let made = differences.flatMap {
                    state.makeUp($0, of: object, at: Timestamp(microseconds: 1))
                }
                let told = made.map(\.event.step)
                #expect(state.objects(of: object)?[key] == new, "\(told) lead from \(old.map { "\($0)" } ?? "-")")
                for made in made where made.changes.count != 1 {
                    #expect(made.event.isFirstOfRename, "\(made.event.step) of \(told)")
                }
                // What the listing says then is what stands there already.
                let rest = state.replace(object, with: listing(object, new), at: Timestamp(microseconds: 2))
                #expect(rest == [], "\(told)")
                #expect(told.count <= 5, "\(told)")
                pairs += 1
            }
        }
        #expect(pairs == Self.states(of: object).count * Self.states(of: object).count)
    }

    @Test("from a state that nobody knows there are steps to any", arguments: EventKind.Object.allCases)
    func absolute(object: EventKind.Object) {
        let key = Self.key(of: object)
        for old in Self.states(of: object) {
            for new in Self.states(of: object) {
                // What was told last is `old`; the watcher has `new`.
                var mine = state(object, new)
                let made = mine.makeUp(
                    anyOf: Lost.Object(object, key),
                    listed: listing(object, new).first,
                    at: Timestamp(microseconds: 1)
                )
                var theirs = state(object, old)
                for made in made { _ = theirs.apply(made.event) }
                #expect(
                    theirs.objects(of: object)?[key] == new,
                    "\(made.map(\.event.step)) from \(old.map { "\($0)" } ?? "-")"
                )
                #expect(mine.objects(of: object)?[key] == new)
                #expect(made.last?.changes.map(\.state) == [new], "the history is told, whatever it has")
            }
        }
    }

    @Test(
        "what a class has, that is silent or was never listed, is to be told of by its name",
        arguments: [true, false]
    )
    func mentioned(isListed: Bool) throws {
        let key = Self.key(of: .domain)
        var state = isListed ? state(.domain, domain(Word.shutoff)) : HostState()
        _ = state.silence(.domain, at: Timestamp(microseconds: 2))
        let step = LifecycleStep("started", of: "web")
        let changes = state.apply(try #require(step.event(of: .domain, key, id: -1, at: Timestamp(microseconds: 3))))
        #expect(changes.map(\.state?.state) == [Word.running], "the history has what is told of it")
        #expect(state.mentioned(of: .domain) == [Lost.Object(.domain, key)])
        #expect(state.mentioned(of: .domain).first?.name == "web")
        #expect(state.mentioned(of: .network) == [])
    }

    @Test("what is known of how it came about is said, the rest is unknown; a domain has its number while it is active")
    func words() throws {
        let cases: [(ObjectState?, ObjectState?, [String])] = [
            (nil, domain(Word.paused), ["defined unknown -1", "started unknown 5", "suspended unknown 5"]),
            (domain(Word.running), nil, ["stopped unknown -1", "undefined unknown -1"]),
            (domain(Word.shutoff), domain(Word.shutoff, "db"), ["undefined renamed -1", "defined renamed -1"]),
            (domain(Word.pmsuspended), domain(Word.running), ["started wakeup 5"]),
            (domain(Word.paused), domain(Word.running), ["resumed unknown 5"]),
            (domain(Word.crashed), domain(Word.running), ["stopped unknown -1", "started unknown 5"]),
        ]
        for (old, new, wanted) in cases {
            var state = state(.domain, old)
            let difference = try #require(state.differences(of: .domain, from: listing(.domain, new)).first)
            let made = state.makeUp(difference, of: .domain, at: Timestamp(microseconds: 1))
            #expect(made.map { $0.event.words } == wanted)
            #expect(made.allSatisfy { $0.event.places == 0 && $0.event.observed == Timestamp(microseconds: 1) })
        }
    }

    @Test("a name with what a template takes for its own is marked")
    func marks() throws {
        var state = state(.domain, nil)
        let listed = ListedObject.domain("{{ evil }}")
        let difference = try #require(state.differences(of: .domain, from: [listed]).first)
        let made = state.makeUp(difference, of: .domain, at: Timestamp(microseconds: 1))
        #expect(made.map(\.event.marks.unsafe) == [["/domain/name"], ["/domain/name"]])
    }

    @Test("a domain that the hypervisor says nothing of is as it was, or runs")
    func unknown() {
        var state = state(.domain, domain(Word.paused))
        let listed = ListedObject.domain("web", Word.unknown)
        #expect(state.differences(of: .domain, from: [listed]) == [])
        state = self.state(.domain, domain(Word.shutoff))
        #expect(state.resolved([listed], of: .domain).map(\.state.state) == [Word.running])
    }

    @Test("what its events leave open of an object is told from the listing")
    func persistence() {
        var state = state(.domain, nil)
        let started = HostStateTests.event(.domain, 2, 0)
        _ = state.apply(started)
        let key = Self.key(of: .domain)
        let differences = state.differences(of: .domain, from: [.domain("web", Word.paused)], touched: [key])
        let made = differences.flatMap { state.makeUp($0, of: .domain, at: Timestamp(microseconds: 1)) }
        #expect(made.map(\.event.step) == ["defined web"])
        #expect(
            state.replace(.domain, with: [.domain("web", Word.paused)], touched: [key], at: .init(microseconds: 2))
                == []
        )
    }

    /// An event after what was told, and what must have come before it.
    static let firsts: [(EventKind.Object, Int32, Int32, ObjectState?, [String])] = [
        (.domain, 1, 0, nil, ["defined"]), (.domain, 1, 0, domain(Word.shutoff), []),
        (.domain, 1, 0, domain(Word.running, persistent: false), ["defined"]),
        (.domain, 1, 1, nil, []), (.domain, 0, 0, nil, []), (.domain, 0, 1, domain(Word.running), []),
        (.domain, 2, 0, nil, []), (.domain, 2, 0, domain(Word.running), ["stopped"]),
        (.domain, 2, 4, domain(Word.pmsuspended), []), (.domain, 4, 0, nil, []),
        (.domain, 4, 0, domain(Word.running), []),
        (.domain, 5, 0, domain(Word.shutoff), ["started"]), (.domain, 5, 0, nil, ["started"]),
        (.domain, 5, 0, domain(Word.paused), []), (.domain, 3, 0, domain(Word.shutoff), ["started"]),
        (.domain, 7, 0, nil, ["started"]), (.domain, 99, 0, nil, []),
        (.network, 3, 0, nil, ["started"]), (.pool, 1, 0, nil, ["defined"]), (.pool, 4, 0, nil, []),
        (.nodedev, 0, 0, .present("web"), ["deleted"]), (.nodedev, 1, 0, nil, ["created"]), (.nodedev, 2, 0, nil, []),
        (.secret, 1, 0, nil, ["defined"]), (.secret, 0, 0, nil, []),
    ]

    @Test("what must have come before an object's first event is made up", arguments: firsts.indices)
    func prerequisites(index: Int) {
        let (object, event, detail, old, wanted) = Self.firsts[index]
        var state = state(object, old)
        let made = state.makeUp(before: HostStateTests.event(object, event, detail))
        #expect(
            made.map { $0.event.step }
                == wanted.map { "\($0) \(object == .secret ? "\(ObjectUUID(number: 7))" : "web")" }
        )
        var never = HostState()
        #expect(never.makeUp(before: HostStateTests.event(object, event, detail)).isEmpty, "nothing was ever told")
    }

    private static func domain(_ word: String, _ name: String = "web", persistent: Bool = true) -> ObjectState {
        ObjectState(name: name, persistent: persistent, active: word != Word.shutoff, state: word)
    }

    private func domain(_ word: String, _ name: String = "web") -> ObjectState { Self.domain(word, name) }
}

extension HostEvent {
    fileprivate var isFirstOfRename: Bool { payload == .lifecycle(event: 1, detail: 1) }

    /// Word, detail and number.
    fileprivate var words: String {
        guard case .lifecycle(let event, let detail) = payload, case .domain(_, let id, _) = subject else { return "" }
        let words = EventWords.lifecycleDetail(.domain, event: event)
        return "\(EventWords.lifecycle(.domain)[event]) \(words[detail]) \(id)"
    }
}
