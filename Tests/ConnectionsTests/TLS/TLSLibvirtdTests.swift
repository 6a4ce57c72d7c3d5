import Connections
import Foundation
import TestSupport
import Testing

/// libvirt gives one text for three causes, and its server says in its own way that it will not have a client: what
/// counts is what a real one does.
@Suite("a handshake of our own, with a real libvirtd", .needs(.libvirtd), .timeLimit(.minutes(10)))
struct TLSLibvirtdTests {
    /// Each cause on either side: what the daemon shows, what we show, and the reason.
    struct Case: CustomTestStringConvertible {
        var server = PKI.Folder.good
        var client = PKI.Folder.good
        var settings: [String: String] = [:]
        let reason: DownReason?
        var words = ""

        var testDescription: String { "\(server.rawValue) \(client.rawValue) \(settings)" }
    }

    static let cases = [
        Case(reason: nil),
        Case(settings: ["tls_allowed_dn_list": #"["CN=aggregator"]"#], reason: nil),
        Case(server: .other, reason: .tlsUntrusted, words: "issued by CN=other authority) is not signed by"),
        Case(server: .expiredServer, reason: .tlsExpired, words: "expired on 2020-02-01; renew it on the host"),
        Case(server: .misnamedServer, reason: .tlsName, words: "is for DNS:hv.example, not for 127.0.0.1"),
        Case(client: .expiredClient, reason: .tlsExpired, words: "our certificate"),
        Case(client: .foreignClient, reason: .tlsUntrusted, words: "our certificate"),
        Case(
            client: .stranger,
            settings: ["tls_allowed_dn_list": #"["CN=aggregator"]"#],
            reason: .tlsRejected,
            words: "(CN=stranger, issued by CN=good authority): it trusts another authority or allows other names"
        ),
    ]

    private func daemon(_ folder: String, _ settings: [String: String]) async throws -> PrivateLibvirtd {
        // It looks at its own certificate, too, and would not start with one that is out of date.
        try await PrivateLibvirtd.started(
            pki: folder,
            settings: settings.merging(["tls_no_sanity_certificate": "1"]) { mine, _ in mine }
        )
    }

    private func uri(_ daemon: PrivateLibvirtd, _ pki: String) -> String {
        daemon.uri(.tls) + "?pkipath=\(pki)"
    }

    @Test("finds the cause that libvirt has but does not tell", arguments: cases)
    func causes(cause: Case) async throws {
        let pki = try await PKI.shared
        let daemon = try await daemon(pki.path(cause.server), cause.settings)
        let uri = uri(daemon, pki.path(cause.client))
        let verdict = try await shakeHands(uri, pki: pki.path(cause.client))
        #expect(verdict.failure?.reason == cause.reason, "\(verdict)\n\(daemon.log)")
        if cause.reason != nil {
            #expect(verdict.failure?.message.contains(cause.words) == true, "\(verdict)")
        } else {
            #expect(verdict.server?.subject == "CN=localhost")
        }
        // libvirt's own client agrees that there is one, and says what our table takes it to say.
        let virsh = try await run(["virsh", "-c", uri, "uri"])
        #expect((virsh.status == .success) == (cause.reason == nil), "\(virsh)")
        if let told = TLSDiagnosis.reason(ofMessage: virsh.errors) { #expect(told == cause.reason, "\(virsh)") }
        let failure = EstablishFailure(.unknown, virsh.errors)
        #expect(try await explained(failure, uri: uri, pki: pki.path(cause.client)).reason == cause.reason ?? .unknown)
    }

    @Test("a usage that libvirt demands and OpenSSL does not is the cause only if libvirt failed for one")
    func unfit() async throws {
        let pki = try await PKI.shared
        let daemon = try await daemon(pki.path(.unfitServer), [:])
        let uri = uri(daemon, pki.path(.good))
        #expect(try await shakeHands(uri, pki: pki.path(.good)).failure == nil)
        let virsh = try await run(["virsh", "-c", uri, "uri"])
        #expect(virsh.status != .success)
        let found = try await explained(EstablishFailure(.unknown, virsh.errors), uri: uri, pki: pki.path(.good))
        #expect(found.reason == .tlsUntrusted)
        #expect(found.message.contains("key encipherment"), "\(found)")
        let other = EstablishFailure(.unknown, "something else")
        #expect(try await explained(other, uri: uri, pki: pki.path(.good)) == other)
    }

    @Test("without a certificate of ours the daemon hangs up, and the file that is missing is named")
    func none() async throws {
        let pki = try await PKI.shared
        let daemon = try await daemon(pki.path(.good), [:])
        let folder = try TemporaryFolder()
        try FileManager.default.copyItem(
            atPath: pki.file("cacert.pem", of: .good),
            toPath: folder.file("cacert.pem")
        )
        let verdict = try await shakeHands(daemon.uri(.tls), pki: folder.path)
        #expect(verdict.failure?.reason == .tlsRejected)
        #expect(
            verdict.failure?.message.contains("\(folder.file("clientcert.pem")) is not to be had: No such file")
                == true,
            "\(verdict)"
        )
    }

    @Test("a daemon that asks for none takes us without a certificate")
    func open() async throws {
        let pki = try await PKI.shared
        let daemon = try await daemon(pki.path(.good), ["tls_no_verify_certificate": "1"])
        let folder = try TemporaryFolder()
        try FileManager.default.copyItem(
            atPath: pki.file("cacert.pem", of: .good),
            toPath: folder.file("cacert.pem")
        )
        #expect(try await shakeHands(daemon.uri(.tls), pki: folder.path).failure == nil)
    }

    @Test("a frozen daemon ends with the deadline, and keeps libvirt's own words")
    func frozen() async throws {
        let pki = try await PKI.shared
        let daemon = try await daemon(pki.path(.good), [:])
        daemon.freeze()
        let verdict = try await shakeHands(daemon.uri(.tls), pki: pki.path(.good), deadline: .milliseconds(300))
        #expect(verdict.failure?.reason == .timeout)
        let failure = EstablishFailure(.unknown, "libvirt's words")
        let kept = try await explained(
            failure,
            uri: daemon.uri(.tls),
            pki: pki.path(.good),
            deadline: .milliseconds(300)
        )
        #expect(kept == failure)
        daemon.thaw()
    }

    @Test("the dates of both certificates lead to a notice for each")
    func notices() async throws {
        let pki = try await PKI.shared
        let daemon = try await daemon(pki.path(.ending), [:])
        let verdict = try await shakeHands(daemon.uri(.tls), pki: pki.path(.ending))
        #expect(verdict.failure == nil)
        var watch = CertificateWatch()
        let notices = watch.notices(for: verdict, now: .now)
        #expect(notices.map(\.owner) == [.own, .host])
        #expect(notices.map(\.daysLeft) == [5, 5])
        #expect(notices.map(\.subject) == ["CN=aggregator", "CN=localhost"])
        let week = Timestamp(microseconds: Timestamp.now.microseconds + 6 * 86_400_000_000)
        let later = try await shakeHands(daemon.uri(.tls), pki: pki.path(.ending), now: week)
        #expect(later.failure?.reason == .tlsExpired)
    }

    @Test("a thousand handshakes leave no connection behind, whatever they found")
    func many() async throws {
        let pki = try await PKI.shared
        let daemon = try await daemon(pki.path(.good), [:])
        let port = try #require(daemon.tlsPort)
        for round in 0..<500 {
            let good = try await shakeHands(daemon.uri(.tls), pki: pki.path(.good))
            #expect(good.failure == nil, "round \(round)")
            let other = try await shakeHands(daemon.uri(.tls), pki: pki.path(.other))
            #expect(other.failure?.reason == .tlsUntrusted, "round \(round)")
        }
        // A child of another test may have the last one until it is another program.
        try await eventually("none is left", detail: { "\((try? Self.connections(to: port)) ?? [])" }) {
            try Self.connections(to: port).isEmpty
        }
    }

    /// Our ends of the connections to a port, but for those that only the kernel still knows: the rest of their lines.
    private static func connections(to port: UInt16) throws -> [String] {
        let table = try String(contentsOfFile: "/proc/self/net/tcp", encoding: .utf8)
        let digits = String(port, radix: 16, uppercase: true)
        let suffix = ":" + String(repeating: "0", count: 4 - digits.count) + digits
        return table.split(separator: "\n").dropFirst().map { $0.split(separator: " ").map(String.init) }
            .filter { $0[2].hasSuffix(suffix) && $0[9] != "0" }.map { $0.joined(separator: " ") }
    }

    private func explained(
        _ failure: EstablishFailure,
        uri: String,
        pki: String,
        deadline: Duration = .seconds(30)
    ) async throws -> EstablishFailure {
        let uri = try LibvirtURI(uri)
        return await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                let handshake = TLSHandshake(
                    uri,
                    files: PKIFiles(folder: pki),
                    names: NameLookups(pool: BlockingPool()),
                    now: .now,
                    deadline: deadline,
                    isAborted: { false }
                )
                continuation.resume(returning: TLSDiagnosis(handshake)?.explained(failure) ?? failure)
            }
        }
    }
}
