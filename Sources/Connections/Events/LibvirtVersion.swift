/// A release of libvirt, for example 9.0.0.
package struct LibvirtVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// As libvirt packs it: major * 1,000,000 + minor * 1,000 + release.
    let number: UInt

    package init(_ major: UInt, _ minor: UInt, _ release: UInt = 0) {
        number = major * 1_000_000 + minor * 1_000 + release
    }

    init(number: UInt) {
        self.number = number
    }

    package static func < (left: LibvirtVersion, right: LibvirtVersion) -> Bool {
        left.number < right.number
    }

    package var description: String {
        "\(number / 1_000_000).\(number / 1_000 % 1_000).\(number % 1_000)"
    }
}
