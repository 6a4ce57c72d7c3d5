/// All objects of a class of one host, as its listing gave them.
package struct Listing: Hashable, Sendable {
    package var objects: [ListedObject]

    /// Objects that changed while they were listed: what stands here of them, if anything, is not to be believed, and
    /// they are to be looked at again.
    package var unsettled: Set<ObjectKey>

    /// - Parameter objects: Those that nobody could name are left out. The default is none.
    package init(_ objects: [ListedObject] = [], unsettled: Set<ObjectKey> = []) {
        self.objects = objects.filter { !$0.key.isNobody }
        self.unsettled = unsettled
    }

    /// A listing of parts that exclude each other: persistent and transient, active and inactive.
    ///
    /// The parts are asked for one after the other. What moves from one to another meanwhile stands in both, or in none.
    ///
    /// - Parameters:
    ///   - parts: What each call gave.
    ///   - keys: Everything there is, asked for at the end.
    init(parts: [[ListedObject]], keys: [ObjectKey]) {
        var seen = Set<ObjectKey>()
        var unsettled = Set<ObjectKey>()
        for object in parts.joined() where !seen.insert(object.key).inserted { unsettled.insert(object.key) }
        for key in keys where !seen.contains(key) { unsettled.insert(key) }
        for object in parts.joined() where object.state.isPassing { unsettled.insert(object.key) }
        self.init(parts.flatMap { $0.filter { !unsettled.contains($0.key) } }, unsettled: unsettled)
    }
}

/// An object in a listing.
package struct ListedObject: Hashable, Sendable {
    package let key: ObjectKey
    package let state: ObjectState

    /// A domain's, while it is active; else -1.
    package let id: Int32

    package init(key: ObjectKey, state: ObjectState, id: Int32 = -1) {
        self.key = key
        self.state = state
        self.id = id
    }
}

extension ObjectState {
    /// Whether nothing is like that for long: a domain that is on its way into life has a number already, one on its way
    /// out has none any more, and is neither kept.
    fileprivate var isPassing: Bool {
        active ? state == Word.shutoff : !persistent
    }
}

/// Why a class could not be listed.
package struct ListingFailure: Error, Hashable, Sendable {
    /// The host's words, without what is nobody's business.
    package let message: String

    /// Whether it is of no use to ask again: the driver has no such class.
    package let isUnsupported: Bool

    package init(_ message: String, isUnsupported: Bool = false) {
        self.message = message
        self.isUnsupported = isUnsupported
    }
}
