/// One object's state from a moment on: a row of the history.
package struct StateChange: Hashable, Sendable {
    package let object: StateObject

    /// The text of an ``ObjectKey``.
    ///
    /// Empty for the host itself, and for what is said of a class as a whole: with a state, that a complete listing of it
    /// stands from now on; without, that it is no longer known.
    package let key: String

    /// `nil` = gone, not known or not heard any more.
    package let state: ObjectState?
    package let at: Timestamp

    /// Why a class is not told to be known any more; `nil` of everything else, and as former versions left it.
    package let silence: Silence?

    package enum Silence: String, CaseIterable, Sendable {
        /// Nothing is heard of it for the moment: what is known stays, to be compared with.
        case silent

        /// It is a first sight when it comes again; objects of which events came since are hearsay.
        case forgotten
    }

    /// - Parameter silence: The default is `nil`.
    package init(object: StateObject, key: String, state: ObjectState?, at: Timestamp, silence: Silence? = nil) {
        self.object = object
        self.key = key
        self.state = state
        self.at = at
        self.silence = silence
    }

    static func object(
        _ object: EventKind.Object,
        _ key: ObjectKey,
        _ state: ObjectState?,
        at moment: Timestamp
    ) -> StateChange {
        StateChange(object: StateObject(object), key: key.description, state: state, at: moment)
    }

    static func isListed(_ object: EventKind.Object, at moment: Timestamp) -> StateChange {
        let state = ObjectState(name: "", persistent: false, active: true, state: ObjectState.Word.listed)
        return StateChange(object: StateObject(object), key: "", state: state, at: moment)
    }

    static func isNotKnown(_ object: EventKind.Object, _ silence: Silence, at moment: Timestamp) -> StateChange {
        StateChange(object: StateObject(object), key: "", state: nil, at: moment, silence: silence)
    }

    static func isHeard(_ isHeard: Bool, at moment: Timestamp) -> StateChange {
        let up = ObjectState(name: "", persistent: false, active: true, state: ObjectState.Word.up)
        return StateChange(object: .host, key: "", state: isHeard ? up : nil, at: moment)
    }
}
