extension ChaosRun {
    /// A schedule that could not be carried out.
    struct Broken: Error, CustomStringConvertible {
        let cause: String
        let schedule: Schedule
        let log: String
        let incidents: [Incident]

        var description: String {
            "\(schedule)\(incidents.map { "  \($0)\n" }.joined())\(cause)\n\(log.suffix(6000))"
        }
    }
}
