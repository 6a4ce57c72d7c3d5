internal import CLibvirt

extension LibvirtVersion {
    /// The library this process runs on, which may be newer than the one it was built with; `nil` when it does not say.
    package static let installed: LibvirtVersion? = {
        var version: UInt = 0
        return virGetVersion(&version, nil, nil) == 0 ? LibvirtVersion(number: version) : nil
    }()
}
