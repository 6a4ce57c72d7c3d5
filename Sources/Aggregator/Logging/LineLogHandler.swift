internal import Connections
internal import Foundation
internal import Logging

/// Writes one line for each log record, in one write, so that lines of several threads never mix.
struct LineLogHandler: LogHandler {
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    private let format: LogFormat
    private let now: @Sendable () -> Date
    private let write: @Sendable (String) -> Void

    /// Makes a handler that takes the time of a record from `now` and gives whole lines, with their line break, to
    /// `write`.
    ///
    /// The default is standard error.
    init(
        format: LogFormat,
        now: @escaping @Sendable () -> Date,
        write: @escaping @Sendable (String) -> Void = StandardError.write
    ) {
        self.format = format
        self.now = now
        self.write = write
    }

    func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
        if let own = event.metadata { all.merge(own) { $1 } }
        if let error = event.error { all[LogKeys.error] = "\(error)" }
        let line = LogLine(
            time: now().ISO8601Format(),
            level: event.level,
            message: event.message.description,
            metadata: all.sorted { $0.key < $1.key }.map { ($0.key, $0.value.description) }
        )
        write(line.rendered(as: format))
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }
}
