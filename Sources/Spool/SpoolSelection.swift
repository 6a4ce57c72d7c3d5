/// Which of the kept records are meant; by default all that are no replays.
package struct SpoolSelection: Sendable {
    /// An object, a kind, or a kind of an object; both `nil` mean anything.
    package struct Kind: Hashable, Sendable {
        package let object: String?
        package let kind: String?

        package init(object: String?, kind: String?) {
            self.object = object
            self.kind = kind
        }
    }

    /// Observed then or later, in microseconds since 1970.
    package var since: Int64?

    /// Observed then or earlier.
    package var until: Int64?

    /// Of one of these; empty = of any.
    package var objects: Set<String> = []

    /// Of one of these; empty = of any.
    package var kinds: Set<Kind> = []

    /// Whether those that can never be sent are meant: `nil` = they are, among others; else they alone, replays included, or
    /// they not.
    package var isDead: Bool?

    /// Whether a host is meant; the answer for a name never changes.
    package var host: (@Sendable (String) -> Bool)?

    /// Whether a record is meant by its subject or its bytes, which must not be kept.
    package var subject: (@Sendable (_ subject: String, _ bytes: UnsafeRawBufferPointer) -> Bool)?

    package init() {}
}
