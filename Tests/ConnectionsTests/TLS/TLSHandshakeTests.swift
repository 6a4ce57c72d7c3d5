import Connections
import Foundation
import TestSupport
import Testing

/// What our handshake says about a URI with a folder of certificates.
///
/// On a thread of its own, as the service does it: it blocks.
func shakeHands(
    _ uri: String,
    pki: String,
    now: Timestamp = .now,
    deadline: Duration = .seconds(180),
    isAborted: @escaping @Sendable () -> Bool = { false }
) async throws -> TLSVerdict {
    let uri = try LibvirtURI(uri)
    let files = PKIFiles(folder: pki)
    return await withCheckedContinuation { continuation in
        Thread.detachNewThread {
            let handshake = TLSHandshake(
                uri,
                files: files,
                names: NameLookups(pool: BlockingPool()),
                now: now,
                deadline: deadline,
                isAborted: isAborted
            )
            continuation.resume(returning: handshake?.run() ?? TLSVerdict())
        }
    }
}

@Suite("a handshake of our own, with what is no libvirtd", .timeLimit(.minutes(10)))
struct TLSHandshakeTests {
    private static let versions = ["-tls1_2", "-tls1_3"]
    private static let confirmation = "\u{1}"

    @Test("finds nothing wrong where nothing is, and tells both certificates", arguments: versions)
    func good(version: String) async throws {
        let pki = try await PKI.shared
        let server = try await OpenSSLServer(
            pki: pki.path(.good),
            options: [version, "-Verify", "1"],
            sends: Self.confirmation
        )
        let verdict = try await shakeHands(server.uri(), pki: pki.path(.good))
        #expect(verdict.failure == nil)
        #expect(verdict.own?.subject == "CN=aggregator")
        #expect(verdict.server?.subject == "CN=localhost")
        #expect(verdict.server?.issuer == "CN=good authority")
        #expect(verdict.server?.names == "IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, DNS:localhost")
        #expect(verdict.server?.fingerprint.count == 64)
        #expect(verdict.server?.fingerprint != verdict.own?.fingerprint)
        let years = verdict.server.map { ($0.notAfter.microseconds - Timestamp.now.microseconds) / 86_400_000_000 }
        #expect(years == 3649)
    }

    @Test(
        "what is wrong with the server's certificate has its reason, and words for it",
        arguments: [
            (PKI.Folder.other, DownReason.tlsUntrusted, "is not signed by an authority in"),
            (.expiredServer, .tlsExpired, "expired on 2020-02-01; renew it on the host"),
            (.earlyServer, .tlsExpired, "only; look at the clocks"),
            (.misnamedServer, .tlsName, "is for DNS:hv.example, not for 127.0.0.1"),
            (.unnamedServer, .tlsName, "is for CN=localhost, not for 127.0.0.1"),
        ]
    )
    func server(folder: PKI.Folder, reason: DownReason, words: String) async throws {
        let pki = try await PKI.shared
        let server = try await OpenSSLServer(pki: pki.path(folder))
        let verdict = try await shakeHands(server.uri(), pki: pki.path(.good))
        #expect(verdict.failure?.reason == reason)
        #expect(verdict.failure?.message.contains(words) == true, "\(verdict)")
        #expect(verdict.server != nil)
        let ignored = try await shakeHands(
            server.uri() + "?no_verify=1",
            pki: pki.path(.good),
            deadline: .milliseconds(300)
        )
        #expect(ignored.failure?.reason == .timeout)
    }

    @Test(
        "a name counts as libvirt's GnuTLS has it: the subject's only where there is no other, and never for an address"
    )
    func names() async throws {
        let pki = try await PKI.shared
        for (folder, host) in [(PKI.Folder.good, "localhost"), (.unnamedServer, "localhost"), (.good, "127.0.0.1")] {
            let server = try await OpenSSLServer(pki: pki.path(folder), sends: Self.confirmation)
            #expect(try await shakeHands(server.uri(host: host), pki: pki.path(.good)).failure == nil)
        }
    }

    @Test("of several causes the gravest is told: untrusted before expired before misnamed")
    func precedence() async throws {
        let pki = try await PKI.shared
        let server = try await OpenSSLServer(pki: pki.path(.expiredServer))
        // An address for the system and none for OpenSSL: a name that no certificate has.
        let uri = server.uri(host: "127.1")
        #expect(try await shakeHands(uri, pki: pki.path(.other)).failure?.reason == .tlsUntrusted)
        #expect(try await shakeHands(uri, pki: pki.path(.good)).failure?.reason == .tlsExpired)
        let good = try await OpenSSLServer(pki: pki.path(.good))
        #expect(try await shakeHands(good.uri(host: "127.1"), pki: pki.path(.good)).failure?.reason == .tlsName)
    }

    @Test("a server that refuses our certificate in TLS itself says which", arguments: versions)
    func refused(version: String) async throws {
        let pki = try await PKI.shared
        // It trusts the other authority, and shows a certificate of the good one.
        let server = try await OpenSSLServer(
            pki: pki.path(.good),
            options: [
                version, "-Verify", "1", "-verify_return_error", "-CAfile", pki.file("cacert.pem", of: .other),
            ]
        )
        let verdict = try await shakeHands(server.uri(), pki: pki.path(.good))
        #expect(verdict.failure?.reason == .tlsRejected)
        let message = try #require(verdict.failure?.message)
        #expect(message.contains("CN=aggregator"))
        #expect(message.contains("(it says: "), "\(message)")
        #expect(verdict.server?.subject == "CN=localhost")
    }

    @Test("what is no TLS is told as such, and so is TLS that is no libvirtd's")
    func noise() async throws {
        let pki = try await PKI.shared
        let server = try await OpenSSLServer(pki: pki.path(.good), sends: "HTTP/1.1 400 Bad Request\r\n")
        #expect(try await shakeHands(server.uri(), pki: pki.path(.good)).failure?.reason == .protocol)
        let listener = try BannerListener("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")
        let verdict = try await shakeHands("test+tls://127.0.0.1:\(listener.port)/default", pki: pki.path(.good))
        #expect(verdict.failure?.reason == .protocol)
        #expect(verdict.server == nil)
    }

    @Test("silence ends with the deadline, and an abort before it")
    func silence() async throws {
        let pki = try await PKI.shared
        let silent = try SilentListener()
        let uri = "test+tls://127.0.0.1:\(silent.port)/default"
        let clock = ContinuousClock()
        let waited = try await clock.measure {
            let verdict = try await shakeHands(uri, pki: pki.path(.good), deadline: .milliseconds(200))
            #expect(verdict.failure?.reason == .timeout)
        }
        #expect(waited > .milliseconds(190))
        // It is asked at the start, while connecting, and then while the server is silent.
        let questions = Locked(0)
        let aborted = try await clock.measure {
            let verdict = try await shakeHands(
                uri,
                pki: pki.path(.good),
                deadline: .seconds(3_600),
                isAborted: {
                    questions.withLock { count in
                        count += 1
                        return count > 4
                    }
                }
            )
            #expect(verdict.failure?.reason == .timeout)
        }
        #expect(aborted < .seconds(60))
    }

    @Test("a host that is not there is told as by the look before an open")
    func absent() async throws {
        let pki = try await PKI.shared
        let port = try RefusingPort()
        let refused = try await shakeHands("test+tls://127.0.0.1:\(port.port)/default", pki: pki.path(.good))
        #expect(refused.failure?.reason == .refused)
        let unknown = try await shakeHands("test+tls://no.such.host.invalid/default", pki: pki.path(.good))
        #expect(unknown.failure?.reason == .dns)
        let verdict = try await shakeHands("test+tcp://127.0.0.1:1/default", pki: pki.path(.good))
        #expect(verdict == TLSVerdict())
    }

    @Test(
        "a fault of our own files is told before anybody is asked",
        arguments: [
            (PKI.Folder.expiredClient, DownReason.tlsExpired, "expired on 2020-02-01; renew it"),
            (.foreignClient, .tlsUntrusted, "which libvirt asks for"),
            (.expiredAuthority, .tlsExpired, "the authority CN=old authority in"),
        ]
    )
    func own(folder: PKI.Folder, reason: DownReason, words: String) async throws {
        let pki = try await PKI.shared
        let verdict = try await shakeHands("test+tls://no.such.host.invalid/default", pki: pki.path(folder))
        #expect(verdict.failure?.reason == reason)
        #expect(verdict.failure?.message.contains(words) == true, "\(verdict)")
        #expect(verdict.failure?.message.contains(pki.path(folder)) == true)
        #expect(verdict.own?.subject == "CN=aggregator")
    }

    @Test("a file of ours that is missing, empty or another's is named")
    func files() async throws {
        let pki = try await PKI.shared
        let folder = try TemporaryFolder()
        func failure() async throws -> EstablishFailure? {
            try await shakeHands("test+tls://no.such.host.invalid/default", pki: folder.path).failure
        }
        func copy(_ name: String, as other: String? = nil) throws {
            let target = folder.file(other ?? name)
            try? FileManager.default.removeItem(atPath: target)
            try FileManager.default.copyItem(atPath: pki.file(name, of: .good), toPath: target)
        }
        var found = try await failure()
        #expect(found?.reason == .tlsUntrusted)
        #expect(found?.message.contains("\(folder.file("cacert.pem")) is missing") == true, "\(found as Any)")
        try folder.write("no certificate\n", to: "cacert.pem")
        found = try await failure()
        #expect(found?.reason == .tlsUntrusted)
        #expect(found?.message.contains("holds no certificate in PEM form") == true, "\(found as Any)")
        try copy("cacert.pem")
        // A host may ask for no certificate: only it can say that one is missing.
        #expect(try await failure()?.reason == .dns)
        try copy("clientcert.pem")
        #expect(try await failure()?.reason == .dns)
        try copy("serverkey.pem", as: "clientkey.pem")
        found = try await failure()
        #expect(found?.reason == .tlsRejected)
        #expect(found?.message.contains("is not the key of \(folder.file("clientcert.pem"))") == true)
        try await run([
            "openssl", "rsa", "-aes256", "-passout", "pass:secret", "-in", pki.file("clientkey.pem", of: .good),
            "-out", folder.file("clientkey.pem"),
        ]).checked()
        #expect(try await failure()?.reason == .tlsRejected)
        try copy("clientkey.pem")
        #expect(try await failure()?.reason == .dns)
    }
}
