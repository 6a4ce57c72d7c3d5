internal import CLinux
internal import Glibc

/// The plain thread, named `bus`, that a ``BusLoop`` runs on.
///
/// `poll` blocks it, so it is nobody else's.
struct BusThread: Sendable {
    private let identifier: pthread_t

    /// Starts `loop`, which belongs to the new thread from here on; nil if the system has no thread to give.
    init?(running loop: sending BusLoop) {
        let box = Unmanaged.passRetained(loop)
        var identifier = pthread_t()
        let failed = pthread_create(
            &identifier,
            nil,
            { pointer in
                pthread_setname_np(pthread_self(), "bus")
                if let pointer { Unmanaged<BusLoop>.fromOpaque(pointer).takeRetainedValue().run() }
                return nil
            },
            box.toOpaque()
        )
        guard failed == 0 else {
            box.release()
            return nil
        }
        self.identifier = identifier
    }

    var isCurrent: Bool { pthread_equal(identifier, pthread_self()) != 0 }

    /// Waits for the end; to be called once.
    func join() {
        pthread_join(identifier, nil)
    }

    /// Lets the thread end unwatched; to be called once, instead of ``join()``.
    func detach() {
        pthread_detach(identifier)
    }
}
