/// A certificate that ends soon: the host's, or the one we show it.
package struct CertificateNotice: Hashable, Sendable {
    package enum Owner: String, Sendable {
        /// The host shows it.
        case host
        /// We show it to the host.
        case own
    }

    package let owner: Owner
    package let subject: String
    package let issuer: String
    package let notAfter: Timestamp

    /// Whole days left, rounded up; 0 when it has ended.
    package let daysLeft: Int

    package init(owner: Owner, subject: String, issuer: String, notAfter: Timestamp, daysLeft: Int) {
        self.owner = owner
        self.subject = subject
        self.issuer = issuer
        self.notAfter = notAfter
        self.daysLeft = daysLeft
    }
}
