/// Decides when the end of a host's certificates is told: 30, 7 and 1 days before, and once on every day after it.
///
/// One for each host, asked about once a day. A certificate seen for the first time five days before its end is told at
/// once, as if seven days were left, and then on its last day. It remembers in memory only, so a restart may tell once
/// more; a host that shows two certificates in turn is told at each change.
package struct CertificateWatch: Equatable, Sendable {
    /// Days before the end at which it is told.
    package static let thresholds: [Int64] = [30, 7, 1]

    /// The last certificate of each owner, and how far it had come.
    private var told: [CertificateNotice.Owner: Told] = [:]

    private struct Told: Equatable {
        let fingerprint: String
        /// The threshold that was told, 0 on the first day after the end, -1 on the second, and so on.
        let stage: Int64
    }

    package init() {}

    /// What is due at this moment, and then is taken for told.
    ///
    /// - Parameters:
    ///   - verdict: The certificates just seen; one that was not seen changes nothing.
    ///   - now: The moment.
    package mutating func notices(for verdict: TLSVerdict, now: Timestamp) -> [CertificateNotice] {
        [(.own, verdict.own), (.host, verdict.server)].compactMap { owner, certificate in
            certificate.flatMap { notice(of: $0, owner: owner, now: now) }
        }
    }

    private mutating func notice(
        of certificate: TLSCertificate,
        owner: CertificateNotice.Owner,
        now: Timestamp
    ) -> CertificateNotice? {
        guard let stage = Self.stage(of: certificate, now: now) else {
            told[owner] = nil
            return nil
        }
        if let told = told[owner], told.fingerprint == certificate.fingerprint, told.stage <= stage { return nil }
        told[owner] = Told(fingerprint: certificate.fingerprint, stage: stage)
        return CertificateNotice(
            owner: owner,
            subject: certificate.subject,
            issuer: certificate.issuer,
            notAfter: certificate.notAfter,
            daysLeft: Int(max(0, Self.daysLeft(of: certificate, now: now)))
        )
    }

    /// How far it has come; `nil` while there is time.
    private static func stage(of certificate: TLSCertificate, now: Timestamp) -> Int64? {
        let days = daysLeft(of: certificate, now: now)
        return days <= 0 ? days : thresholds.last { days <= $0 }
    }

    /// Whole days left, rounded up: 0 from the end on, -1 from a day later on.
    private static func daysLeft(of certificate: TLSCertificate, now: Timestamp) -> Int64 {
        let day: Int64 = 86_400_000_000
        // One that never ends, as far as can be told, is as far away as can be.
        let (left, overflow) = certificate.notAfter.microseconds.subtractingReportingOverflow(now.microseconds)
        if overflow { return now < certificate.notAfter ? .max : .min }
        return left / day + (left % day > 0 ? 1 : 0)
    }
}
