import Foundation

/// The events that a script says, a JSON line each, as they come.
struct EventLines {
    private var tail: LineTail
    private(set) var isReady = false
    private(set) var events: [BusEvent] = []

    /// - Parameter output: The file that the script writes to.
    init(_ output: String) {
        tail = LineTail(output)
    }

    /// Takes what has come since the last time.
    mutating func read() {
        for line in tail.next() {
            guard let value = try? JSONValue(parsing: line) else { continue }
            if let tag = value["tag"]?.string {
                events.append(BusEvent(tag: tag, data: value["data"] ?? .null))
            } else if value["ready"] == true {
                isReady = true
            }
        }
    }
}
