package import Foundation

/// The user that a process of a test runs as.
package struct Account: Sendable, Hashable {
    package let name: String
    package let user: uid_t
    package let group: gid_t

    /// Who runs the tests.
    package static let current = Account(user: geteuid())

    /// An unprivileged user: `nobody` for root, and otherwise who runs the tests, who cannot become anybody else.
    package static let unprivileged = geteuid() == 0 ? Account(user: 65534) : current

    private init(user: uid_t) {
        let entry = getpwuid(user)
        name = entry.map { String(cString: $0.pointee.pw_name) } ?? "\(user)"
        group = entry?.pointee.pw_gid ?? getegid()
        self.user = user
    }

    /// What to put before a command so that this account runs it.
    var prefix: [String] {
        guard user != geteuid() else { return [] }
        return ["setpriv", "--reuid", "\(user)", "--regid", "\(group)", "--clear-groups", "--"]
    }
}
