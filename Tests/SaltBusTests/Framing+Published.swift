@testable import SaltBus

extension Framing {
    /// A frame as masters publish it.
    func published(_ event: [UInt8]) -> [UInt8] {
        var encoder = MessagePackEncoder()
        encoder.map(2)
        encoder.string("head")
        encoder.map(0)
        encoder.string("body")
        encoder.binary(event)
        return framed(encoder.bytes)
    }

    /// A map, with its length before it where there is one.
    func framed(_ map: [UInt8]) -> [UInt8] {
        guard self == .lengthPrefixed else { return map }
        return withUnsafeBytes(of: UInt32(map.count).bigEndian) { [UInt8]($0) } + map
    }
}
