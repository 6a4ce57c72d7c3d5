import Connections
import Testing

@Suite("when a certificate's end is told")
struct CertificateWatchTests {
    private static let start = Timestamp(microseconds: 1_800_000_000_000_000)

    private static func days(_ count: Double) -> Duration { .seconds(count * 86_400) }

    private func certificate(endingIn days: Double, fingerprint: String = "a1") -> TLSCertificate {
        TLSCertificate(
            subject: "CN=h",
            issuer: "CN=ca",
            notBefore: Timestamp(microseconds: 0),
            notAfter: Self.start + Self.days(days),
            names: "",
            fingerprint: fingerprint
        )
    }

    /// The days left that are told when it is looked at on each of some days.
    private func told(_ certificate: TLSCertificate, on days: [Double]) -> [Int] {
        var watch = CertificateWatch()
        return days.flatMap { day in
            watch.notices(for: TLSVerdict(server: certificate), now: Self.start + Self.days(day)).map(\.daysLeft)
        }
    }

    @Test("30, 7 and 1 days before its end, and once on every day after it")
    func thresholds() {
        #expect(told(certificate(endingIn: 40), on: (0...42).map(Double.init)) == [30, 7, 1, 0, 0, 0])
    }

    @Test("a look that comes late, or twice a day, tells each of them once")
    func jitter() {
        let looks = stride(from: 0.25, through: 39.9, by: 0.5).map { $0 }
        #expect(told(certificate(endingIn: 40), on: looks) == [30, 7, 1])
        #expect(told(certificate(endingIn: 40), on: [11, 34.5, 39.5]) == [29, 6, 1])
    }

    @Test("a service that starts five days before it tells at once, and on the last day")
    func lateStart() {
        #expect(told(certificate(endingIn: 5), on: [0, 1, 2, 3, 4]) == [5, 1])
        #expect(told(certificate(endingIn: 0.5), on: [0, 0.2]) == [1])
    }

    @Test("a certificate that never ends is never told", arguments: [Int64.max, 253_402_300_799_000_000])
    func never(end: Int64) {
        let certificate = TLSCertificate(
            subject: "",
            issuer: "",
            notBefore: Timestamp(microseconds: .min),
            notAfter: Timestamp(microseconds: end),
            names: "",
            fingerprint: ""
        )
        #expect(told(certificate, on: [0, 10_000]) == [])
        var watch = CertificateWatch()
        let long = watch.notices(for: TLSVerdict(own: certificate), now: Timestamp(microseconds: -1))
        #expect(long == [])
    }

    @Test("ours and the host's are told apart; a renewed one starts anew; one that was not seen changes nothing")
    func owners() {
        var watch = CertificateWatch()
        let both = TLSVerdict(own: certificate(endingIn: 6), server: certificate(endingIn: 29, fingerprint: "b2"))
        let first = watch.notices(for: both, now: Self.start)
        #expect(first.map(\.owner) == [.own, .host])
        #expect(first.map(\.daysLeft) == [6, 29])
        #expect(watch.notices(for: both, now: Self.start) == [])
        #expect(watch.notices(for: TLSVerdict(), now: Self.start) == [])
        #expect(watch.notices(for: both, now: Self.start) == [])
        let renewed = TLSVerdict(own: certificate(endingIn: 365, fingerprint: "c3"), server: both.server)
        #expect(watch.notices(for: renewed, now: Self.start) == [])
        let again = TLSVerdict(own: certificate(endingIn: 6, fingerprint: "d4"), server: both.server)
        #expect(watch.notices(for: again, now: Self.start).map(\.owner) == [.own])
    }
}
