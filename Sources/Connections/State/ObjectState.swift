/// How an object is, as far as its lifecycle goes.
package struct ObjectState: Hashable, Sendable {
    package var name: String

    /// Whether it outlives being stopped.
    ///
    /// Always `false` for a device or a secret, of which libvirt does not say.
    package var persistent: Bool
    package var active: Bool

    /// One word of ``Word``.
    package var state: String

    package init(name: String, persistent: Bool, active: Bool, state: String) {
        self.name = name
        self.persistent = persistent
        self.active = active
        self.state = state
    }

    /// The words a state is told in: part of the contract, like those of events.
    package enum Word {
        /// A domain's.
        package static let running = "running"
        package static let paused = "paused"
        /// The guest has shut down, and its process has not ended yet.
        package static let shutdown = "shutdown"
        package static let shutoff = "shutoff"
        package static let crashed = "crashed"
        package static let pmsuspended = "pmsuspended"

        /// Of a domain whose hypervisor does not say.
        package static let unknown = "unknown"

        /// A network's or a pool's.
        package static let active = "active"
        package static let inactive = "inactive"

        /// A device's or a secret's.
        package static let present = "present"

        /// The host's, while it is heard.
        package static let up = "up"

        /// A class's, while a complete listing of it stands.
        package static let listed = "listed"

        /// The word for a number of libvirt's `virDomainState`.
        ///
        /// A domain that waits for a resource (`blocked`) runs, as its events have it.
        static func ofDomain(_ state: Int32) -> String {
            let words = [unknown, running, running, paused, shutdown, shutoff, crashed, pmsuspended]
            return words.indices.contains(Int(state)) ? words[Int(state)] : unknown
        }
    }

    static func present(_ name: String) -> ObjectState {
        ObjectState(name: name, persistent: false, active: true, state: Word.present)
    }
}
