internal import CLibvirt

/// The name of a typed parameter, without anything that could be more than a name.
///
/// libvirt's own are ASCII words with dots between; each other byte that a daemon puts there is written as `_`.
struct TypedParameterName {
    let text: String

    /// Whether there were such bytes.
    let isChanged: Bool

    /// - Parameter parameter: Its field of 80 bytes need not end with a NUL.
    init(of parameter: virTypedParameter) {
        var isChanged = false
        text = withUnsafeBytes(of: parameter.field) { field in
            String(unsafeUninitializedCapacity: Int(VIR_TYPED_PARAM_FIELD_LENGTH)) { buffer in
                var count = 0
                for byte in field.prefix(buffer.count) {
                    if byte == 0 { break }
                    let isPlain = Self.isPlain(byte)
                    if !isPlain { isChanged = true }
                    buffer[count] = isPlain ? byte : UInt8(ascii: "_")
                    count += 1
                }
                return count
            }
        }
        self.isChanged = isChanged
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
