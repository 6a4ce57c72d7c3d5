internal import SaltBus

extension ValueParser where Value == BusAddress {
    /// An absolute path or `tcp://127.0.0.1:port`; another machine's is refused, since the bus has no protection.
    static let busAddress = ValueParser(kind: "a socket", hint: "write an absolute path or tcp://127.0.0.1:port") {
        text throws(MalformedValue) in
        do throws(BusAddress.Malformed) {
            return try BusAddress(text)
        } catch {
            throw MalformedValue(message: error.message, hint: error.hint)
        }
    }
}
