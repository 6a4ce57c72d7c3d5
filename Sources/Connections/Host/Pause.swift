/// Maintenance, as the operator announced it: what is said of the host's ups and downs is held back meanwhile.
///
/// The host keeps its connection, and its events go out.
package struct Pause: Hashable, Sendable {
    /// Who asked for it, for people to read.
    package let by: String

    /// When it ends by itself; `nil` = when somebody ends it.
    package let until: Timestamp?

    package init(by: String, until: Timestamp? = nil) {
        self.by = by
        self.until = until
    }
}
