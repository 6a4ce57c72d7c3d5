/// A call that was given to a ``BlockingPool``.
package struct BlockingTicket: Sendable {
    private let perform: @Sendable () -> Bool

    init(_ perform: @escaping @Sendable () -> Bool) {
        self.perform = perform
    }

    /// Takes the call back if no thread has taken it, else asks it to abort.
    ///
    /// Any thread, returns at once.
    ///
    /// - Returns: Whether it was taken back: then none of its functions will be called.
    package func end() -> Bool {
        perform()
    }
}
