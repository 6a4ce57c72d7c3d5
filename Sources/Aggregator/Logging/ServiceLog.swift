internal import Foundation
internal import Logging

/// The log of the process.
enum ServiceLog {
    /// Makes the logger everything uses, and the default of every library.
    ///
    /// Call once.
    static func start(_ settings: Settings.Log) -> Logger {
        let format = LogFormat(settings.format, isTerminal: StandardError.isTerminal)
        LoggingSystem.bootstrap { _ in LineLogHandler(format: format, now: { Date() }) }
        var logger = Logger(label: "virt-aggregator")
        logger.logLevel = settings.level
        return logger
    }
}
