/// The names under which log lines carry their data, so that one thing has one name everywhere.
package enum LogKeys {
    package static let host = "host"
    package static let uri = "uri"
    package static let reason = "reason"
    package static let attempt = "attempt"
    package static let took = "took"
    package static let retry = "retry"
    package static let keepalive = "keepalive"
    package static let kinds = "kinds"
    package static let refused = "refused"
    package static let error = "error"
    package static let object = "object"
    package static let objects = "objects"
    package static let doubt = "doubt"
    package static let age = "age"
    package static let count = "count"
}
