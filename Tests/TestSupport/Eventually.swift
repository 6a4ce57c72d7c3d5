/// A fact that did not come true in time.
package struct NeverHappened: Error, CustomStringConvertible {
    package let description: String
}

/// Waits for a fact, looking again every few milliseconds.
///
/// - Throws: ``NeverHappened`` after the deadline, with what was there instead.
package func eventually(
    _ fact: String,
    within deadline: Duration = .seconds(10),
    instead: () -> String = { "" },
    _ isTrue: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + deadline
    while ContinuousClock.now < end {
        if try await isTrue() { return }
        try await Task.sleep(for: .milliseconds(5))
    }
    throw NeverHappened(description: "not within \(deadline): \(fact) \(instead())")
}
