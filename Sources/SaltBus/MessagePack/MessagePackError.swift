/// Why bytes are no MessagePack value.
package enum MessagePackError: Error, Hashable, Sendable {
    /// The bytes end before the value does; with more of them it may yet be one.
    case truncated

    /// 0xc1, which the specification never uses.
    case reserved

    /// Nested deeper than ``MessagePackDecoder/depthLimit``.
    case tooDeep

    /// Bytes follow the value.
    case trailing
}
