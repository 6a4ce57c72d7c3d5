/// What an object is from a moment on: a row of the history of states.
///
/// Rows with an empty key are about what is known at all: for `host`, whether it is heard; for any other object, whether a
/// complete listing of its class stands.
package struct SpoolChange: Hashable, Sendable {
    /// From when on, in microseconds since 1970.
    package var time: Int64
    package var host: String

    /// `domain`, `network`, `pool`, `nodedev`, `secret` or `host`.
    package var object: String

    /// The UUID, or the name of what has none.
    package var key: String
    package var name: String

    /// `false` = it is gone; for an empty key: not heard, not listed.
    package var exists: Bool
    package var persistent: Bool
    package var active: Bool

    /// `running`, `paused`, `shutoff` and the like.
    package var state: String

    package init(
        time: Int64,
        host: String,
        object: String,
        key: String,
        name: String,
        exists: Bool = true,
        persistent: Bool = false,
        active: Bool = false,
        state: String
    ) {
        self.time = time
        self.host = host
        self.object = object
        self.key = key
        self.name = name
        self.exists = exists
        self.persistent = persistent
        self.active = active
        self.state = state
    }
}
