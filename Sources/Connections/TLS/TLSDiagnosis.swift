/// Finds out why libvirt could not open a connection over TLS, where its own words do not say.
package struct TLSDiagnosis {
    private let handshake: TLSHandshake

    /// `nil` when the URI's connection has no TLS of libvirt's.
    package init?(_ handshake: TLSHandshake?) {
        guard let handshake else { return nil }
        self.handshake = handshake
    }

    /// A failure of libvirt's, with the cause that a handshake of our own finds; as it is when none is found.
    ///
    /// Blocks as ``TLSHandshake/run()`` does, and only if the cause may be in the certificates.
    package func explained(_ failure: EstablishFailure) -> EstablishFailure {
        let told = Self.reason(ofMessage: failure.message)
        guard told != nil || Self.unexplained.contains(failure.reason) else { return failure }
        let verdict = handshake.run()
        if let found = verdict.failure, Self.explanations.contains(found.reason) { return found }
        if let doubt = verdict.doubt, failure.message.contains(Self.verification) { return doubt }
        return EstablishFailure(told ?? failure.reason, failure.message)
    }

    /// libvirt's one text for all that may be wrong with a server's certificate.
    private static let verification = "Failed to verify peer's certificate"

    /// What libvirt's failures over TLS come as.
    private static let unexplained: Set<DownReason> = [
        .unknown, .error, .eof, .protocol, .tlsUntrusted, .tlsExpired, .tlsName, .tlsRejected,
    ]

    /// What a handshake of our own can say for certain.
    ///
    /// That it timed out or found nobody says nothing about libvirt's own attempt, a moment earlier.
    private static let explanations: Set<DownReason> = [
        .tlsUntrusted, .tlsExpired, .tlsName, .tlsRejected, .permission, .protocol,
    ]

    /// The reason in those of libvirt's texts that have one cause; `nil` for every other.
    ///
    /// "Failed to verify peer's certificate" is not among them: it is the one for an untrusted, an expired and a misnamed
    /// certificate.
    package static func reason(ofMessage message: String) -> DownReason? {
        texts.first { $0.parts.allSatisfy(message.contains) }?.reason
    }

    /// Looked through in order; a text has all the parts.
    ///
    /// They are libvirt 9's, and those of later releases where these differ.
    private static let texts: [(parts: [String], reason: DownReason)] = [
        (["certificate ", " has expired"], .tlsExpired),
        (["certificate ", " is not yet active"], .tlsExpired),
        (["Our own certificate ", " failed validation"], .tlsUntrusted),
        (["Cannot read CA certificate "], .tlsUntrusted),
        (["CA certificate ", " does not exist"], .tlsUntrusted),
        (["Unable to import CA certificate list "], .tlsUntrusted),
        (["Unable to set x509 CA certificate"], .tlsUntrusted),
        (["Certificate ", " usage does not permit "], .tlsUntrusted),
        (["Certificate ", " purpose does not allow "], .tlsUntrusted),
        (["The certificate ", " basic constraints show a CA"], .tlsUntrusted),
        (["Unable to import client certificate "], .tlsRejected),
        (["Unable to set x509 key and certificate"], .tlsRejected),
        (["Unable to read TLS confirmation"], .tlsRejected),
        (["server verification (of our certificate or IP address) failed"], .tlsRejected),
    ]
}
