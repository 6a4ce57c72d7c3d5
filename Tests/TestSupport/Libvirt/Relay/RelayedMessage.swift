/// The header of one message of libvirt's RPC.
///
/// See https://libvirt.org/kbase/internals/rpc.html
package struct RelayedMessage: Sendable {
    /// A class of objects, as far as its events are concerned.
    package enum EventClass: String, CaseIterable, Sendable {
        case domain, network, pool, nodedev, secret
    }

    /// The length, which comes first and counts itself, and six words after it.
    static let headerLength = 28

    /// Longer ones there are not: libvirt's own bound.
    static let longest = 32 << 20

    private enum Kind {
        static let call: UInt32 = 0
        static let reply: UInt32 = 1
        static let event: UInt32 = 2
        static let callWithFiles: UInt32 = 4
    }

    private let program: UInt32
    private let procedure: UInt32
    private let kind: UInt32

    /// 1 = the answer is an error.
    private let status: UInt32

    /// - Parameter bytes: The whole message, or at least its header.
    init(_ bytes: some Collection<UInt8>) {
        program = Self.word(1, of: bytes)
        procedure = Self.word(3, of: bytes)
        kind = Self.word(4, of: bytes)
        status = Self.word(6, of: bytes)
    }

    /// How long the message is that begins here; `nil` while that is not known, or when it is none of libvirt's.
    static func length(_ bytes: some Collection<UInt8>) -> Int? {
        guard bytes.count >= 4 else { return nil }
        let length = Int(word(0, of: bytes))
        return (headerLength...longest).contains(length) ? length : nil
    }

    private static func word(_ index: Int, of bytes: some Collection<UInt8>) -> UInt32 {
        bytes.dropFirst(index * 4).prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// libvirt's keepalive, a program of its own: "keep".
    private static let keepalive: UInt32 = 0x6b65_6570

    /// The program that all drivers' calls and events belong to.
    private static let remote: UInt32 = 0x2000_8086

    var isCall: Bool { program != Self.keepalive && (kind == Kind.call || kind == Kind.callWithFiles) }

    /// Whether it answers keepalive's question, procedure 1, whoever asked.
    var isAlive: Bool { program == Self.keepalive && procedure == 2 }

    /// Whether it answers a call that lists all objects of a class.
    var isListing: Bool { program == Self.remote && kind == Kind.reply && Self.listings.contains(procedure) }

    /// The class whose event it is; `nil` for every other message.
    var eventClass: EventClass? {
        guard program == Self.remote, kind == Kind.event, procedure != Self.connectionClosed else { return nil }
        return switch procedure {
        case 315: .network
        case 370, 373: .pool
        case 376, 377: .nodedev
        case 382, 383: .secret
        // Some fifty, and all there are beside those.
        default: .domain
        }
    }

    /// All domains, pools, networks, devices, secrets, and the domains' statistics.
    private static let listings: Set<UInt32> = [273, 281, 283, 285, 287, 344]

    /// Whether it says what the processors have done: `virNodeGetCPUStats`.
    var isProcessorStats: Bool { program == Self.remote && kind == Kind.reply && procedure == 227 && status == 0 }

    /// The same of a host that has booted a moment ago: its processors have done each thing for a second.
    ///
    /// After the header come the number of values, each with its name, a text padded to whole words, and the number
    /// there would be, which is all that the first call of two asks for.
    static func freshlyBooted(_ message: [UInt8]) -> [UInt8] {
        var message = message
        var place = headerLength
        let second = (0..<8).map { UInt8(truncatingIfNeeded: UInt64(1_000_000_000) >> (56 - 8 * $0)) }
        for _ in 0..<word(0, of: message[place...]) {
            let name = Int(word(1, of: message[place...]))
            place += 4 + (name + 3) / 4 * 4
            message.replaceSubrange(place + 4..<place + 12, with: second)
            place += 8
        }
        return message
    }

    /// What the daemon says of its own connection to a hypervisor.
    private static let connectionClosed: UInt32 = 362
}
