/// How this service proves who it is to a host, and how it knows that the host is the right one.
///
/// Paths only: the files are read by ssh, by libvirt and by OpenSSL, never kept here.
package struct Credentials: Hashable, Sendable {
    /// The private key for ssh, libssh and libssh2; `nil` leaves it to ssh's own configuration.
    package var sshKey: String?

    /// The file of known host keys; `nil` stands for ssh's own, `~/.ssh/known_hosts`.
    package var sshKnownHosts: String?

    /// The host that ssh goes through, as ssh's `ProxyJump` has it: `[user@]host[:port]`.
    ///
    /// Connections that share one are admitted a few at a time: its sshd turns away what comes in a crowd.
    package var sshJump: String?

    /// The folder with `cacert.pem`, `clientcert.pem` and `clientkey.pem`; `nil` stands for libvirt's own places.
    package var pki: String?

    /// libvirt's file of user names and passwords for SASL; `nil` stands for libvirt's own places.
    ///
    /// See <https://libvirt.org/auth.html#client-configuration>.
    package var authFile: String?

    /// The jump host without the user, as the sshd that may be crowded is one for all users.
    var jumpHost: Substring? {
        sshJump.map { jump in jump.lastIndex(of: "@").map { jump[jump.index(after: $0)...] } ?? jump[...] }
    }

    package init(
        sshKey: String? = nil,
        sshKnownHosts: String? = nil,
        sshJump: String? = nil,
        pki: String? = nil,
        authFile: String? = nil
    ) {
        self.sshKey = sshKey
        self.sshKnownHosts = sshKnownHosts
        self.sshJump = sshJump
        self.pki = pki
        self.authFile = authFile
    }
}
