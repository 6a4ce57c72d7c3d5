/// A configuration that cannot be used; the report holds at least one error, and the warnings found beside it.
struct ConfigurationErrors: Error, Equatable {
    let report: DiagnosticReport
}
