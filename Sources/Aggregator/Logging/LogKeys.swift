/// The names under which log lines carry their data, so that one thing has one name everywhere.
enum LogKeys {
    static let host = "host"
    static let uri = "uri"
    static let reason = "reason"
    static let attempt = "attempt"
    static let took = "took"
    static let next = "next"
    static let kinds = "kinds"
    static let refused = "refused"
    static let socket = "socket"
    static let count = "count"
    static let error = "error"
}
