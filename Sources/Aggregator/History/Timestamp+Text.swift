internal import Connections
internal import Foundation

extension Timestamp {
    /// Ways to write a time, as a message shows them.
    private static let forms =
        "2026-11-22T02:13:00Z, 2026-11-22T02:13, 02:13 for the last such time, or 15m for 15 minutes ago"

    /// Reads a time as an operator writes it: ISO 8601 with or without a zone, `HH:MM` for the last such time, `15m`,
    /// `2h` or `7d` ago, `now`.
    ///
    /// - Parameters:
    ///   - now: When it is written.
    ///   - zone: Where times without a zone are meant.
    init(text: String, now: Timestamp, zone: TimeZone) throws(MalformedValue) {
        if text == "now" {
            self = now
        } else if text.wholeMatch(of: #/[0-9]+[a-z]*/#) != nil {
            self = try Self.ago(text, now: now)
        } else if let clock = text.wholeMatch(of: #/([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?/#)?.output {
            self = try Self.last(text, [clock.1, clock.2, clock.3 ?? "0"], now: now, zone: zone)
        } else {
            self = try Self.written(text, zone: zone)
        }
    }

    private static func ago(_ text: String, now: Timestamp) throws(MalformedValue) -> Timestamp {
        let age: Duration
        do throws(MalformedValue) {
            age = try Duration(text: text)
        } catch {
            throw MalformedValue(message: error.message, hint: "\(error.hint); or write a time as in \(forms)")
        }
        guard age <= .seconds(100 * 365 * 86_400) else {
            throw MalformedValue(message: "\(text.quoted) is too long ago", hint: "write at most 36500d")
        }
        return now + (.zero - age)
    }

    /// The last time the clock showed this.
    private static func last(
        _ text: String,
        _ clock: [Substring],
        now: Timestamp,
        zone: TimeZone
    ) throws(MalformedValue) -> Timestamp {
        let calendar = calendar(zone)
        let today = calendar.dateComponents([.year, .month, .day], from: now.date)
        for daysAgo in 0...2 {
            var components = today
            components.day = (today.day ?? 1) - daysAgo
            guard let day = calendar.date(from: components) else { continue }
            var wanted = calendar.dateComponents([.year, .month, .day], from: day)
            (wanted.hour, wanted.minute, wanted.second) = (Int(clock[0]), Int(clock[1]), Int(clock[2]))
            guard (wanted.hour ?? 24) < 24, (wanted.minute ?? 60) < 60, (wanted.second ?? 60) < 60 else { break }
            // On a day that has no such time, because the clock is put forward, the day before is meant.
            guard let moment = moments(wanted, calendar).last(where: { $0 <= now }) else { continue }
            return moment
        }
        throw MalformedValue(message: "\(text.quoted) is no time of the day", hint: "write 00:00 to 23:59")
    }

    private static func written(_ text: String, zone: TimeZone) throws(MalformedValue) -> Timestamp {
        let form =
            #/(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|z|[+\-]\d{2}:?\d{2})?)?/#
            .asciiOnlyDigits()
        guard let parts = text.wholeMatch(of: form)?.output else {
            throw MalformedValue(message: "\(text.quoted) is no time", hint: "write \(forms)")
        }
        var components = DateComponents()
        (components.year, components.month, components.day) = (Int(parts.1), Int(parts.2), Int(parts.3))
        (components.hour, components.minute) = (parts.4.flatMap { Int($0) } ?? 0, parts.5.flatMap { Int($0) } ?? 0)
        components.second = parts.6.flatMap { Int($0) } ?? 0
        // To the microsecond.
        let digits = parts.7.map { ($0 + "00000").prefix(6) } ?? "0"
        let found = moments(components, calendar(try parts.8.map(offset) ?? zone)).map {
            $0 + .microseconds(Int64(digits) ?? 0)
        }
        guard let moment = found.first else {
            throw MalformedValue(
                message: "there is no \(text.quoted)",
                hint: "check the day and the hour; a clock that is put forward leaves one out"
            )
        }
        // A day begins once.
        guard found.count == 1 || parts.4 == nil else {
            let hint = found.map(\.iso8601).joined(separator: " or ")
            throw MalformedValue(message: "\(text.quoted) was twice: the clock was put back", hint: "write \(hint)")
        }
        return moment
    }

    /// A zone as `Z`, `+01:00` or `-0530`.
    private static func offset(_ text: Substring) throws(MalformedValue) -> TimeZone {
        if text.lowercased() == "z" { return .gmt }
        let digits = text.dropFirst().filter { $0 != ":" }
        let hours = Int(digits.prefix(2)) ?? 99
        let minutes = Int(digits.suffix(2)) ?? 99
        let seconds = (hours * 60 + minutes) * 60 * (text.first == "-" ? -1 : 1)
        guard hours <= 18, minutes < 60, let zone = TimeZone(secondsFromGMT: seconds) else {
            throw MalformedValue(message: "\(String(text).quoted) is no zone", hint: "write Z, or as in +01:00")
        }
        return zone
    }

    /// How far a clock is put back at most, and in which steps; in most places by one hour.
    private static let stepsBack = stride(from: -3 * 3_600.0, through: 3 * 3_600, by: 1_800)

    /// When a clock showed this, earliest first: never on the 30th of February or in an hour that was left out, and twice
    /// in one that is repeated.
    private static func moments(_ components: DateComponents, _ calendar: Calendar) -> [Timestamp] {
        guard let near = calendar.date(from: components) else { return [] }
        let fields: Set<Calendar.Component> = [.year, .month, .day, .hour, .minute, .second]
        return stepsBack.map(near.addingTimeInterval).filter { date in
            let found = calendar.dateComponents(fields, from: date)
            return found.year == components.year && found.month == components.month && found.day == components.day
                && found.hour == components.hour && found.minute == components.minute
                && found.second == components.second
        }
        .map { Timestamp(microseconds: Int64($0.timeIntervalSince1970.rounded()) * 1_000_000) }
    }

    private static func calendar(_ zone: TimeZone) -> Calendar {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        return calendar
    }

    private var date: Date { Date(timeIntervalSince1970: Double(microseconds) / 1_000_000) }
}
