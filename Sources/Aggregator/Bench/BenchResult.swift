internal import SaltBus

/// What a bench has measured.
struct BenchResult {
    private let fields: [DataField]
    private let events: Int

    /// Events that did not come back; none in a bench that ended by itself.
    let lost: Int

    /// - Parameters:
    ///   - cpu: Microseconds of all threads, for all events.
    ///   - mapping: Of these, what making up and mapping one event takes.
    init(
        plan: BenchPlan,
        times: BenchTimes.Summary,
        relayed: Int,
        mostWaiting: Int,
        cpu: Double,
        mapping: Double,
        peakMemory: Int
    ) {
        events = times.events
        lost = times.events - min(times.echoes, relayed)
        fields = [
            DataField("events", .int(Int64(times.events))),
            DataField("hosts", .int(Int64(plan.hosts))),
            DataField("seconds", .double(times.seconds.rounded(places: 3))),
            DataField("rate", .int(times.seconds > 0 ? Int64(Double(times.echoes) / times.seconds) : 0)),
            DataField("cpu_us_per_event", .double((cpu / Double(max(1, times.events)) - mapping).rounded(places: 2))),
            DataField("mapping_us_per_event", .double(mapping.rounded(places: 2))),
            DataField("peak_rss_bytes", .int(Int64(peakMemory))),
            DataField("most_waiting", .int(Int64(mostWaiting))),
            DataField(
                "delay_ms",
                .fields([
                    DataField("p50", .double(times.delay(0.5).rounded(places: 3))),
                    DataField("p99", .double(times.delay(0.99).rounded(places: 3))),
                    DataField("max", .double(times.delay(1).rounded(places: 3))),
                ])
            ),
            DataField("repeats", .int(Int64(times.repeats))),
            DataField("bus_lost", .int(Int64(times.losses))),
            DataField("lost", .int(Int64(lost))),
        ]
    }

    /// One line.
    ///
    /// - Parameter disk: The size of the closed journal in bytes.
    func json(disk: Int) -> String {
        let perEvent = DataField("disk_bytes_per_event", .int(Int64(disk / max(1, events))))
        return OrderedJSON.text(of: .fields(fields + [perEvent])) + "\n"
    }
}

extension Double {
    fileprivate func rounded(places: Int) -> Double {
        let scale = (0..<places).reduce(1.0) { power, _ in power * 10 }
        return (self * scale).rounded() / scale
    }
}
