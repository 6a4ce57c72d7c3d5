import Connections
import TestSupport
import Testing

/// A release of libvirt as a system has it, this machine's or that of a root: daemon, client library and virsh.
enum Release: String, CaseIterable, CustomTestStringConvertible {
    case bullseye, here, trixie, sid

    /// Those whose client library our binary runs on: bullseye has no OpenSSL 3.
    static let clients: [Release] = [.here, .trixie, .sid]

    var place: Place {
        switch self {
        case .here: .here
        case .bullseye: DebianRoot.bullseye.place
        case .trixie: DebianRoot.trixie.place
        case .sid: DebianRoot.sid.place
        }
    }

    /// Whether it is one of the versions that the tests are about.
    ///
    /// Debian's sid moves on; what it must have is every kind.
    func isAbout(_ version: LibvirtVersion) -> Bool {
        switch self {
        case .bullseye: version < LibvirtVersion(7, 1)
        case .here: version >= LibvirtVersion(9, 0)
        case .trixie: version >= LibvirtVersion(11, 2) && version < LibvirtVersion(12, 4)
        case .sid: version >= LibvirtVersion(12, 4)
        }
    }

    var testDescription: String { rawValue }
}

extension LibvirtVersion {
    /// A version as we and libvirt write it.
    init?(_ text: String?) {
        let numbers = (text ?? "").split(separator: ".").compactMap { UInt($0) }
        guard numbers.count == 3 else { return nil }
        self.init(numbers[0], numbers[1], numbers[2])
    }
}
