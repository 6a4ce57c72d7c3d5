internal import SaltBus

/// A bus whose reports are seen by a bench before they go where they should.
struct WatchedBus {
    let make: @Sendable (_ report: @escaping @Sendable (BusReport) -> Void) -> any EventBus
    let times: BenchTimes

    func bus(reportingTo report: @escaping @Sendable (BusReport) -> Void) -> any EventBus {
        make { [times] fact in
            times.observe(fact)
            report(fact)
        }
    }
}
