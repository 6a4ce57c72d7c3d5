import Foundation

/// Authorities and certificates for TLS between libvirt and its clients, made with openssl once for each test process.
///
/// Each ``Folder`` can be given to a libvirtd (`cacert.pem`, `servercert.pem`, `serverkey.pem`) or to a client as its
/// `pkipath` (`cacert.pem`, `clientcert.pem`, `clientkey.pem`), as far as it has those files. Any account may read them.
package final class PKI: Sendable {
    /// Unless it says otherwise: signed by the good authority, ten years to go, the server's for 127.0.0.1, ::1 and
    /// localhost, the client's for `CN=aggregator`.
    package enum Folder: String, CaseIterable, Sendable {
        /// A server's and a client's, with nothing wrong.
        case good
        /// The same, all of it by another authority.
        case other
        /// The same, by an authority that ended in 2020.
        case expiredAuthority = "expired-authority"
        /// A server's that ended in 2020.
        case expiredServer = "expired-server"
        /// A server's that begins in ten years.
        case earlyServer = "early-server"
        /// A server's for hv.example alone.
        case misnamedServer = "misnamed-server"
        /// A server's whose one name is its subject, `CN=localhost`.
        case unnamedServer = "unnamed-server"
        /// A server's that does not permit key encipherment, which libvirt 9 demands.
        case unfitServer = "unfit-server"
        /// A server's and a client's that end in five days.
        case ending
        /// A client's that ended in 2020.
        case expiredClient = "expired-client"
        /// A client's for `CN=stranger`.
        case stranger
        /// A client's by the other authority, for one who trusts the good one.
        case foreignClient = "foreign-client"
    }

    private let folder: TemporaryFolder

    private init() async throws {
        folder = try TemporaryFolder()
        // What fails here fails for every test that asks later.
        try await run(["bash", Scripts.path("pki.sh"), folder.path], within: .seconds(300)).checked()
    }

    private static let made = Task { try await PKI() }

    /// The one of this process; the first to ask waits about a second.
    package static var shared: PKI {
        get async throws { try await made.value }
    }

    package func path(_ folder: Folder) -> String {
        self.folder.file(folder.rawValue)
    }

    /// The path of a file in a folder: `file("cacert.pem", of: .good)`.
    package func file(_ name: String, of folder: Folder) -> String {
        "\(path(folder))/\(name)"
    }
}
