/// What a handshake of our own found.
package struct TLSVerdict: Hashable, Sendable {
    /// Why libvirt's client would not get through; `nil` when nothing is wrong.
    ///
    /// The reason is ``DownReason/unknown`` when the handshake failed for a cause that is OpenSSL's alone, as far as we
    /// know: libvirt uses GnuTLS, which takes some keys that OpenSSL refuses, and the other way round.
    package internal(set) var failure: EstablishFailure?

    /// What some releases of libvirt find fault with and others do not: the cause, if libvirt failed and there is no other.
    package internal(set) var doubt: EstablishFailure?

    /// The certificate that we show; `nil` when we have none, or none that can be read.
    package internal(set) var own: TLSCertificate?

    /// The one that the server showed; `nil` when it did not get so far.
    package internal(set) var server: TLSCertificate?

    package init(
        failure: EstablishFailure? = nil,
        own: TLSCertificate? = nil,
        server: TLSCertificate? = nil
    ) {
        self.failure = failure
        self.own = own
        self.server = server
    }
}
