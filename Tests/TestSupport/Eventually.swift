/// What was waited for and did not come.
package struct TimedOut: Error, CustomStringConvertible {
    package let fact: String
    package let limit: Duration
    package let detail: String

    package var description: String {
        "not within \(limit): \(fact)" + (detail.isEmpty ? "" : "\n\(detail)")
    }
}

/// Looks every 10 ms, or as often as it is said, until `look` finds something.
///
/// The limit is a backstop for a loaded machine, not a measure of how long it should take. When it has passed,
/// ``TimedOut`` is thrown with what `detail` says then. A machine that stood still meanwhile, or hardly let us look, is given
/// up to three times as long, and up to three minutes more, unless `isStrict` says that the limit is what is tested.
@discardableResult
package func eventually<Found>(
    _ fact: String,
    within limit: Duration = .seconds(180),
    every pause: Duration = .milliseconds(10),
    isStrict: Bool = false,
    isolation: isolated (any Actor)? = #isolation,
    detail: () -> String = { "" },
    look: () async throws -> Found?
) async throws -> Found {
    let clock = ContinuousClock()
    let deadline = clock.now + limit
    let fewLooks = isStrict ? 0 : Int(limit / pause / 8)
    var looks = 0
    while true {
        // The last look is one that begins when time is up: a machine that stood still may have come this far without one.
        let overtime = clock.now - deadline
        if let found = try await look() { return found }
        looks += 1
        if overtime >= .zero, looks >= fewLooks || overtime >= min(limit * 2, .seconds(180)) {
            throw TimedOut(fact: fact, limit: limit, detail: detail())
        }
        try await Task.sleep(for: pause)
    }
}

/// Looks every 10 ms until `isTrue`.
package func eventually(
    _ fact: String,
    within limit: Duration = .seconds(180),
    isolation: isolated (any Actor)? = #isolation,
    detail: () -> String = { "" },
    isTrue: () async throws -> Bool
) async throws {
    try await eventually(
        fact,
        within: limit,
        isolation: isolation,
        detail: detail,
        look: { try await isTrue() ? true : nil }
    )
}

/// The same where nothing has to come of it.
///
/// - Returns: Whether it was true within the limit.
package func comesTrue(
    _ fact: String,
    within limit: Duration,
    every pause: Duration = .milliseconds(10),
    isolation: isolated (any Actor)? = #isolation,
    isTrue: () async throws -> Bool
) async throws -> Bool {
    do {
        return try await eventually(
            fact,
            within: limit,
            every: pause,
            isStrict: true,
            isolation: isolation,
            look: { try await isTrue() ? true : nil }
        )
    } catch let error as TimedOut where error.fact == fact {
        return false
    }
}

/// Looks every 10 ms until what is seen has not changed for a second, and gives it.
package func settled<Seen: Equatable>(
    _ fact: String,
    isolation: isolated (any Actor)? = #isolation,
    look: () async throws -> Seen
) async throws -> Seen {
    let clock = ContinuousClock()
    var last = (seen: try await look(), since: clock.now)
    return try await eventually(fact, isolation: isolation, detail: { "\(last.seen)" }) {
        let now = try await look()
        if now != last.seen { last = (now, clock.now) }
        return clock.now - last.since > .seconds(1) ? now : nil
    }
}

/// Waits for a moment: one that was drawn, or the end of what is to last, where time is what is tested and no fact tells.
package func comes(_ moment: ContinuousClock.Instant, isolation: isolated (any Actor)? = #isolation) async throws {
    try await eventually("\(moment) has come", within: moment - .now + .seconds(60)) { ContinuousClock.now >= moment }
}

/// The same, from now on.
package func passes(_ time: Duration, isolation: isolated (any Actor)? = #isolation) async throws {
    try await comes(.now + time)
}
