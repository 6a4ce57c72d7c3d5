internal import Glibc

/// The files with which libvirt's client proves who it is, and knows who a host is.
///
/// See <https://libvirt.org/kbase/tlscerts.html>.
package struct PKIFiles: Hashable, Sendable {
    /// The certificates of the authorities that hosts are trusted by.
    package let authority: String
    /// Our certificate.
    package let certificate: String
    /// Its private key.
    package let key: String

    package init(authority: String, certificate: String, key: String) {
        self.authority = authority
        self.certificate = certificate
        self.key = key
    }

    /// The files of one folder, whether they are there or not, as libvirt takes those of `pkipath`.
    package init(folder: String) {
        self.init(
            authority: "\(folder)/cacert.pem",
            certificate: "\(folder)/clientcert.pem",
            key: "\(folder)/clientkey.pem"
        )
    }

    /// The files that libvirt takes for a URI: those of its `pkipath`, of the credentials' folder, or of libvirt's own
    /// places.
    package init(_ uri: LibvirtURI, _ credentials: Credentials, places: Places = .standard) {
        if let folder = uri.parameter("pkipath") ?? credentials.pki {
            self.init(folder: folder)
        } else {
            self.init(places)
        }
    }

    /// A user's own authority and a user's own certificate with its key come first, each if it is there; root has no own.
    private init(_ places: Places) {
        let system = places.system
        var authority = "\(system)/CA/cacert.pem"
        var certificate = "\(system)/libvirt/clientcert.pem"
        var key = "\(system)/libvirt/private/clientkey.pem"
        if let home = places.home {
            let own = PKIFiles(folder: "\(home)/.pki/libvirt")
            if !Self.isMissing(own.authority) { authority = own.authority }
            if ![own.certificate, own.key].contains(where: Self.isMissing) {
                (certificate, key) = (own.certificate, own.key)
            }
        }
        self.init(authority: authority, certificate: certificate, key: key)
    }

    /// libvirt takes a file that it may not see for a missing one, too.
    static func isMissing(_ path: String) -> Bool {
        access(path, F_OK) != 0
    }

    /// Why a file cannot be read, as an `errno`; `nil` when it can.
    static func obstacle(to path: String) -> Int32? {
        access(path, R_OK) == 0 ? nil : errno
    }
}

extension PKIFiles {
    /// Where libvirt looks when it is told nothing.
    package struct Places: Hashable, Sendable {
        /// The home of the user whose own files come first; `nil` for root.
        package let home: String?
        package let system: String

        package init(home: String?, system: String = "/etc/pki") {
            self.home = home
            self.system = system
        }

        /// Those of the user that this process runs as.
        ///
        /// Found out once: looking a user up is not safe from several threads.
        package static let standard: Places = {
            guard geteuid() != 0 else { return Places(home: nil) }
            if let home = getenv("HOME") { return Places(home: String(cString: home)) }
            return Places(home: getpwuid(geteuid()).map { String(cString: $0.pointee.pw_dir) })
        }()
    }
}
