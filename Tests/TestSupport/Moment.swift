package import Foundation

/// Moments as this machine's clock has them: the service, the daemons, virsh and the tests all read the same one.
package enum Moment {
    /// `2026-11-26T04:27:10.963982Z` and, as virsh writes it, `2026-11-26 04:25:31.024+0000`.
    package static func parse(_ text: some StringProtocol) -> Date? {
        let numbers = text.split { !$0.isNumber }
        guard numbers.count >= 6, text.count >= 19 else { return nil }
        let parts = numbers.prefix(6).compactMap { Int32($0) }
        guard parts.count == 6 else { return nil }
        var time = tm()
        (time.tm_year, time.tm_mon, time.tm_mday) = (parts[0] - 1900, parts[1] - 1, parts[2])
        (time.tm_hour, time.tm_min, time.tm_sec) = (parts[3], parts[4], parts[5])
        let rest = text.dropFirst(19)
        let fraction = rest.hasPrefix(".") ? Double("0.\(rest.dropFirst().prefix { $0.isNumber })") ?? 0 : 0
        return Date(timeIntervalSince1970: Double(timegm(&time)) + fraction)
    }
}

extension Date {
    /// The time of day, to the millisecond.
    package var clock: String {
        let seconds = timeIntervalSince1970.truncatingRemainder(dividingBy: 86_400)
        let whole = Int(seconds)
        func padded(_ number: Int, _ width: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        let time = [whole / 3600, whole / 60 % 60, whole % 60].map { padded($0, 2) }.joined(separator: ":")
        return "\(time).\(padded(Int((seconds - Double(whole)) * 1000), 3))"
    }
}
