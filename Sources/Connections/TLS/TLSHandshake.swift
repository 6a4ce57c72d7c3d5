/// A TLS handshake with a libvirtd, made as libvirt's client makes it, to learn what that one does not say: why it would
/// not get through, and when the certificates end.
///
/// libvirt has one text for a server's certificate that is untrusted, out of date or for another name, and tells no dates.
package struct TLSHandshake {
    private let host: String
    private let port: Int
    private let files: PKIFiles
    private let verifies: Bool
    private let names: NameLookups
    private let now: Timestamp
    private let deadline: Duration
    private let isAborted: () -> Bool

    /// `nil` when the URI's connection has no TLS of libvirt's.
    ///
    /// - Parameters:
    ///   - uri: Where to connect; its `no_verify` leaves out what it leaves out in libvirt.
    ///   - files: Ours, see ``PKIFiles/init(_:_:places:)``.
    ///   - names: Who knows where they lead to.
    ///   - now: The time to judge dates by.
    ///   - deadline: How long all of it may take.
    ///   - isAborted: Asked now and then whether anybody still waits.
    package init?(
        _ uri: LibvirtURI,
        files: PKIFiles,
        names: NameLookups,
        now: Timestamp,
        deadline: Duration,
        isAborted: @escaping () -> Bool
    ) {
        guard uri.transport == .tls, let host = uri.host else { return nil }
        self.host = host
        port = uri.port ?? LibvirtURI.tlsPort
        self.files = files
        verifies = !uri.isUnverified
        self.names = names
        self.now = now
        self.deadline = deadline
        self.isAborted = isAborted
    }

    /// Blocks up to the deadline: call it on a ``BlockingPool``.
    ///
    /// The process must ignore SIGPIPE, as ``LibvirtRuntime`` makes it.
    package func run() -> TLSVerdict {
        var verdict = TLSVerdict()
        do throws(EstablishFailure) {
            try run(&verdict)
        } catch {
            verdict.failure = error
        }
        return verdict
    }

    private func run(_ verdict: inout TLSVerdict) throws(EstablishFailure) {
        guard !isAborted() else { throw EstablishFailure(.shutdown, "the attempt was given up") }
        let dialer = Dialer(until: .now + deadline, names: names, isAborted: isAborted)
        let own = try OwnPKI(files, now: now)
        verdict.own = own.certificate
        if verifies { try own.check() }
        let socket = try dialer.tcp(host, port: port)
        guard let session = TLSSession(own.context.pointer, socket, dialer: dialer) else {
            throw EstablishFailure(.unknown, "OpenSSL has no memory for a handshake")
        }
        do throws(TLSSession.Trouble) {
            try session.shakeHands()
        } catch {
            verdict.server = Self.certificate(of: session)
            throw failure(during: error, own: own.certificate)
        }
        verdict.server = Self.certificate(of: session)
        if verifies {
            try check(session, own: own)
            verdict.doubt = Self.doubt(about: session)
        }
        try awaitConfirmation(session, own: own.certificate)
        session.end()
    }

    private static func certificate(of session: borrowing TLSSession) -> TLSCertificate? {
        switch session.peer {
        case .some(let peer): TLSCertificate(peer.pointer)
        case .none: nil
        }
    }

    private static func doubt(about session: borrowing TLSSession) -> EstablishFailure? {
        switch session.peer {
        case .some(let peer) where TrustCheck.lacksUsage(peer.pointer):
            EstablishFailure(unfit: TLSCertificate(peer.pointer))
        default: nil
        }
    }

    private func check(_ session: borrowing TLSSession, own: borrowing OwnPKI) throws(EstablishFailure) {
        switch session.peer {
        case .some(let peer):
            let faults = own.trust.faults(of: peer.pointer, chain: session.chain, host: host)
            if let fault = faults.first { throw EstablishFailure(server: fault, files: files) }
        case .none: throw EstablishFailure(.unknown, "\(peerName) shows no certificate")
        }
    }

    /// Waits for the byte by which a libvirtd says that it takes us.
    ///
    /// The handshake itself says nothing of that: a libvirtd looks at our certificate when the handshake is over, and
    /// hangs up when it does not like it.
    private func awaitConfirmation(_ session: borrowing TLSSession, own: TLSCertificate?) throws(EstablishFailure) {
        do throws(TLSSession.Trouble) {
            guard try session.readByte() == 1 else {
                throw TLSSession.Trouble.noise
            }
        } catch {
            switch error {
            case .closed: throw EstablishFailure(rejected: own, files: files, words: nil)
            case .alert(let number):
                throw EstablishFailure(rejected: own, files: files, words: TLSSession.words(ofAlert: number))
            case .overdue:
                throw EstablishFailure(
                    .timeout,
                    "\(peerName) finished the TLS handshake and then said nothing; is it a libvirtd, and has it room for "
                        + "another client?"
                )
            case .noise:
                throw EstablishFailure(.protocol, "\(peerName) speaks TLS and is no libvirtd; look at the port")
            case .other(let words): throw EstablishFailure(.unknown, unclear(words))
            }
        }
    }

    private func failure(during trouble: TLSSession.Trouble, own: TLSCertificate?) -> EstablishFailure {
        switch trouble {
        case .overdue: EstablishFailure(.timeout, "\(peerName) did not finish the TLS handshake in time")
        case .closed:
            EstablishFailure(.eof, "\(peerName) hung up during the TLS handshake; see the log of its libvirtd")
        case .alert(let number) where TLSSession.isAboutCertificate(number):
            EstablishFailure(rejected: own, files: files, words: TLSSession.words(ofAlert: number))
        case .alert(let number): EstablishFailure(.unknown, unclear("it says: \(TLSSession.words(ofAlert: number))"))
        case .noise:
            EstablishFailure(.protocol, "\(peerName) does not speak TLS; look at the port and the transport")
        case .other(let words): EstablishFailure(.unknown, unclear(words))
        }
    }

    private func unclear(_ words: String) -> String {
        "a TLS handshake of our own with \(peerName) failed (\(words)), for which libvirt may have no cause"
    }

    private var peerName: String {
        "\(host) port \(port)"
    }
}
