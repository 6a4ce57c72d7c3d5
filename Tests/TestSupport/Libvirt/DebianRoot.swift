import Foundation

/// Another release of Debian in a root of its own, with its libvirt, as `make setup-versions` leaves it.
package enum DebianRoot: String, Sendable, CaseIterable {
    /// libvirt 7.0, from before Debian 12.
    case bullseye
    /// libvirt 11.3.
    case trixie
    /// The newest libvirt, when its root was made.
    case sid

    package var folder: String { "\(Repository.cache)/libvirt-\(rawValue)" }

    var isThere: Bool { FileManager.default.fileExists(atPath: "\(folder)/.whole") }

    /// There, for a daemon or a client: this machine's network and processes, that system's programs and libraries.
    package var place: Place { Place.here.within(root: folder) }
}
