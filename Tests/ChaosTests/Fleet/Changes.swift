import TestSupport

/// Draws what happens next on a host, so that most of it is possible there.
///
/// Pure but for its randomness, which is given.
struct Changes: Sendable {
    /// How far an object has come.
    enum Life: Sendable, Equatable {
        case absent, inactive, active, paused
        /// Active, and gone when it is not.
        case transient, transientPaused
    }

    struct Slot: Sendable {
        let object: ObjectClass
        let number: Int
        var life = Life.absent
        /// Which of two UUIDs its definition has; a name may come back with another one.
        var variant = 0
        var isRenamed = false

        var name: String { "\(object)-\(number)\(isRenamed ? "-renamed" : "")" }
    }

    /// A command, and what it leaves of an object.
    struct Change: Sendable {
        let command: String
        let slot: Int
        let after: Slot
    }

    private(set) var slots: [Slot]
    var random: SeededRandom
    private let folder: String
    private let keeps: Bool

    /// - Parameters:
    ///   - folder: Where ``definitions(for:pools:)`` have been written.
    ///   - keeps: Whether it is a driver that keeps what is defined, which is a real one: nothing is started there but
    ///     pools, since that would take processors, and bridges of this machine.
    init(folder: String, keeps: Bool, seed: UInt64) {
        self.folder = folder
        self.keeps = keeps
        random = SeededRandom(seed: seed)
        slots = [(ObjectClass.domain, 6), (.network, 3), (.pool, 3)].flatMap { object, count in
            (0..<count).map { Slot(object: object, number: $0) }
        }
    }

    /// Nothing of what was made is there any more: the test driver forgets when its daemon goes.
    mutating func forget() {
        for place in slots.indices {
            slots[place] = Slot(object: slots[place].object, number: slots[place].number)
        }
    }

    mutating func next() -> Change {
        let place = Int.random(in: 0..<slots.count, using: &random)
        var slot = slots[place]
        let ways = Self.ways(of: slot).filter { step in
            !keeps || slot.object == .pool || (step.after != .active && step.after != .transient)
        }
        let way = ways[Int.random(in: 0..<ways.count, using: &random)]
        if slot.life == .absent { slot.variant = Int.random(in: 0...1, using: &random) }
        let command = way.command(slot, in: folder)
        slot.life = way.after
        if way.verb == "domrename" { slot.isRenamed.toggle() }
        if slot.life == .absent { slot.isRenamed = false }
        return Change(command: command, slot: place, after: slot)
    }

    mutating func settle(_ change: Change) { slots[change.slot] = change.after }

    private struct Step {
        let verb: String
        let after: Life

        func command(_ slot: Slot, in folder: String) -> String {
            let verb = slot.object.verb + verb
            return switch self.verb {
            case "define", "create": "\(verb) \(folder)/\(slot.object)-\(slot.number)-\(slot.variant).xml"
            case "domrename":
                "domrename \(slot.name) \(slot.object)-\(slot.number)\(slot.isRenamed ? "" : "-renamed")"
            default: "\(verb) \(slot.name)"
            }
        }
    }

    private static func ways(of slot: Slot) -> [Step] {
        let isDomain = slot.object == .domain
        return switch slot.life {
        case .absent: [Step(verb: "define", after: .inactive), Step(verb: "create", after: .transient)]
        case .inactive:
            [Step(verb: "start", after: .active), Step(verb: "start", after: .active)]
                + [Step(verb: "undefine", after: .absent)]
                + (isDomain ? [Step(verb: "domrename", after: .inactive)] : [])
                + (isDomain && !slot.isRenamed ? [Step(verb: "define", after: .inactive)] : [])
        case .active:
            [Step(verb: "destroy", after: .inactive)]
                + (isDomain
                    ? [Step(verb: "suspend", after: .paused), Step(verb: "undefine", after: .transient)] : [])
        case .paused:
            [Step(verb: "resume", after: .active), Step(verb: "destroy", after: .inactive)]
        case .transient:
            [Step(verb: "destroy", after: .absent)]
                + (isDomain && !slot.isRenamed
                    ? [Step(verb: "define", after: .active), Step(verb: "suspend", after: .transientPaused)] : [])
        case .transientPaused:
            [Step(verb: "resume", after: .transient), Step(verb: "destroy", after: .absent)]
        }
    }
}
