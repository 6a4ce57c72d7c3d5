import Logging
import Synchronization

/// A log that remembers what was said in it.
final class RecordingLog: Sendable {
    private let messages = Mutex<[String]>([])

    func count(of message: String) -> Int {
        messages.withLock { $0.count { $0 == message } }
    }

    var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }

    private struct Handler: LogHandler {
        let log: RecordingLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            log.messages.withLock { $0.append("\(event.message)") }
        }
    }
}
