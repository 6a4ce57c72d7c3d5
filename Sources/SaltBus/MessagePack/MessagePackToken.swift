/// The head of one MessagePack value: all of a scalar, the announced size of everything else.
package enum MessagePackToken: Hashable, Sendable {
    case null
    case bool(Bool)
    case int(Int64)

    /// An integer beyond `Int64.max`.
    case uint(UInt64)
    case double(Double)

    /// So many bytes of text follow.
    case string(length: Int)

    /// So many bytes follow.
    case binary(length: Int)
    case ext(type: Int8, length: Int)

    /// So many values follow.
    case array(count: Int)

    /// So many keys follow, each with its value.
    case map(count: Int)

    /// Bytes that follow the head and belong to this value alone.
    var payload: Int {
        switch self {
        case .string(let length), .binary(let length), .ext(_, let length): length
        case .null, .bool, .int, .uint, .double, .array, .map: 0
        }
    }

    /// Values that follow the head and are part of this one.
    ///
    /// At most 2^33, so that sums of them cannot overflow.
    var children: Int {
        switch self {
        case .array(let count): count
        case .map(let count): 2 * count
        case .null, .bool, .int, .uint, .double, .string, .binary, .ext: 0
        }
    }
}
