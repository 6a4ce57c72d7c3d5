/// What a certificate says of itself, as texts that may be logged.
///
/// A peer writes what it likes into one: each text is at most 256 bytes, and a control character in it has become U+FFFD.
package struct TLSCertificate: Hashable, Sendable {
    package let subject: String
    package let issuer: String
    package let notBefore: Timestamp
    package let notAfter: Timestamp

    /// The names it is for, as OpenSSL lists them: `DNS:localhost, IP Address:127.0.0.1`; empty when it has none but its
    /// subject.
    package let names: String

    /// The SHA-256 of the whole certificate, as hexadecimal digits: which certificate it is.
    package let fingerprint: String

    package init(
        subject: String,
        issuer: String,
        notBefore: Timestamp,
        notAfter: Timestamp,
        names: String,
        fingerprint: String
    ) {
        self.subject = Self.printable(subject)
        self.issuer = Self.printable(issuer)
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.names = Self.printable(names)
        self.fingerprint = fingerprint
    }

    /// The longest text of a certificate that is shown.
    private static let limit = 256

    private static func printable(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            let shown = isShown(scalar) ? scalar : "\u{FFFD}"
            guard result.utf8.count + UTF8.width(shown) <= limit else { return result }
            result.unicodeScalars.append(shown)
        }
        return result
    }

    private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: false
        default: true
        }
    }

    /// How messages name it.
    var name: String {
        "(\(subject), issued by \(issuer))"
    }
}

extension Timestamp {
    /// `2020-02-01`, in UTC, for messages.
    var day: String {
        // Days since 1 March of the year 0, which puts the leap day at a year's end; 400 years are an era.
        let days = (microseconds / 86_400_000_000) + (microseconds % 86_400_000_000 < 0 ? -1 : 0) + 719_468
        let era = (days >= 0 ? days : days - 146_096) / 146_097
        let ofEra = days - era * 146_097
        let year = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * year + year / 4 - year / 100)
        let month = (5 * ofYear + 2) / 153
        let day = ofYear - (153 * month + 2) / 5 + 1
        let civilMonth = month < 10 ? month + 3 : month - 9
        let civilYear = year + era * 400 + (civilMonth <= 2 ? 1 : 0)
        return "\(civilYear)-\(civilMonth < 10 ? "0" : "")\(civilMonth)-\(day < 10 ? "0" : "")\(day)"
    }
}
