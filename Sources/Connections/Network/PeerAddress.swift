internal import Glibc

/// The address and port of a peer, written as `/proc/net/tcp` writes them.
struct PeerAddress: Hashable, Sendable {
    let key: String

    init(key: String) {
        self.key = key
    }

    /// - Parameter address: IPv4 or IPv6; anything else gives `nil`.
    init?(_ address: UnsafePointer<sockaddr>?, length: socklen_t) {
        guard let address else { return nil }
        let bytes = UnsafeRawBufferPointer(start: address, count: Int(length))
        switch Int32(address.pointee.sa_family) {
        case AF_INET where bytes.count >= MemoryLayout<sockaddr_in>.size:
            let ipv4 = bytes.loadUnaligned(as: sockaddr_in.self)
            key = "\(Self.hex(ipv4.sin_addr.s_addr)):\(Self.hex(UInt16(bigEndian: ipv4.sin_port)))"
        case AF_INET6 where bytes.count >= MemoryLayout<sockaddr_in6>.size:
            let ipv6 = bytes.loadUnaligned(as: sockaddr_in6.self)
            let words = withUnsafeBytes(of: ipv6.sin6_addr) { Array($0.bindMemory(to: UInt32.self)) }
            key = "\(words.map(Self.hex).joined()):\(Self.hex(UInt16(bigEndian: ipv6.sin6_port)))"
        default:
            return nil
        }
    }

    /// As many digits as the type needs, in upper case.
    private static func hex(_ number: some FixedWidthInteger) -> String {
        let digits = String(number, radix: 16, uppercase: true)
        return String(repeating: "0", count: number.bitWidth / 4 - digits.count) + digits
    }
}
