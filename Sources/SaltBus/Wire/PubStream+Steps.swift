/// The steps of the parser.
///
/// Each takes one token, and what must be whole with it, or nothing until more bytes are there.
extension PubStream {
    /// Takes one step at the start of `bytes`, which are not empty.
    ///
    /// - Parameter bytes: All that is there.
    /// - Returns: The bytes taken, and the event if that was one; nil if more bytes are needed.
    /// - Throws: ``Malformed``, if no more bytes can make it right.
    mutating func takeStep(
        _ bytes: UnsafeRawBufferPointer
    ) throws(Malformed) -> (taken: Int, event: UnsafeRawBufferPointer?)? {
        var scanner = MessagePackScanner(bytes)
        do throws(Interruption) {
            var event: UnsafeRawBufferPointer?
            switch step {
            case .frame: return try beginFrame(bytes).map { ($0, nil) }
            case .map: try beginMap(&scanner)
            case .key: try takeKey(&scanner)
            case .value(let isBody): event = try takeValue(&scanner, isBody: isBody)
            case .skip(let values): try skipOne(of: values, &scanner)
            }
            try charge(scanner.position)
            if case .frame = step, framing == .lengthPrefixed { try pass(frameLeft) }
            return (scanner.position, event)
        } catch {
            switch error {
            case .incomplete: return nil
            case .malformed(let message): throw Malformed(message: message)
            }
        }
    }

    /// Takes a length, where there is one, and says how many bytes that was; nil if more are needed.
    private mutating func beginFrame(_ bytes: UnsafeRawBufferPointer) throws(Interruption) -> Int? {
        if framing == nil {
            switch bytes[0] {
            case 0x81...0x8f: framing = .bare
            case ...UInt8(Self.frameLimit >> 24): framing = .lengthPrefixed
            default: throw .malformed("the first byte on pub begins neither a map nor a length")
            }
        }
        guard framing == .lengthPrefixed else {
            frameLeft = Self.frameLimit
            step = .map
            return 0
        }
        guard bytes.count >= MemoryLayout<UInt32>.size else { return nil }
        frameLeft = Int(UInt32(bigEndian: bytes.loadUnaligned(as: UInt32.self)))
        guard frameLeft <= Self.frameLimit else {
            throw .malformed("a frame on pub announces more than \(Self.frameLimit >> 20) MiB")
        }
        step = .map
        return MemoryLayout<UInt32>.size
    }

    private mutating func beginMap(_ scanner: inout MessagePackScanner) throws(Interruption) {
        guard case .map(let count) = try Self.token(&scanner) else { throw .malformed("a frame on pub is no map") }
        entries = count
        step = count == 0 ? .frame : .key
    }

    private mutating func takeKey(_ scanner: inout MessagePackScanner) throws(Interruption) {
        switch try Self.token(&scanner) {
        case .string(let length), .binary(let length):
            let isBody: Bool
            if length == 4 {
                isBody = try Self.payload(4, &scanner).isEqual(to: "body")
            } else {
                isBody = false
                try pass(length)
            }
            step = .value(isBody: isBody)
        default:
            throw .malformed("a frame on pub has a key that is no text")
        }
    }

    private mutating func takeValue(
        _ scanner: inout MessagePackScanner,
        isBody: Bool
    ) throws(Interruption) -> UnsafeRawBufferPointer? {
        let token = try Self.token(&scanner)
        switch token {
        case .string(let length) where isBody, .binary(let length) where isBody:
            if length <= min(Self.keptLimit, frameLeft) {
                let event = try Self.payload(length, &scanner)
                endEntry()
                return event
            }
            oversized += 1
            try pass(length)
            endEntry()
        case .array, .map:
            try skip(token.children)
        default:
            try pass(token.payload)
            endEntry()
        }
        return nil
    }

    private mutating func skipOne(of values: Int, _ scanner: inout MessagePackScanner) throws(Interruption) {
        let token = try Self.token(&scanner)
        try pass(token.payload)
        try skip(values - 1 + token.children)
    }

    private mutating func skip(_ values: Int) throws(Interruption) {
        // Each takes one byte at least.
        guard values <= frameLeft else { throw Self.tooLarge }
        step = .skip(values)
        if values == 0 { endEntry() }
    }

    private mutating func endEntry() {
        entries -= 1
        step = entries == 0 ? .frame : .key
    }

    private mutating func pass(_ count: Int) throws(Interruption) {
        try charge(count)
        passing += count
    }

    private mutating func charge(_ count: Int) throws(Interruption) {
        frameLeft -= count
        guard frameLeft >= 0 else { throw Self.tooLarge }
    }

    private static var tooLarge: Interruption { .malformed("a frame on pub is larger than it may be") }

    private static func token(_ scanner: inout MessagePackScanner) throws(Interruption) -> MessagePackToken {
        do throws(MessagePackError) { return try scanner.token() } catch { throw Interruption(error) }
    }

    private static func payload(
        _ length: Int,
        _ scanner: inout MessagePackScanner
    ) throws(Interruption) -> UnsafeRawBufferPointer {
        do throws(MessagePackError) { return try scanner.payload(length) } catch { throw Interruption(error) }
    }
}

/// Why a step cannot be taken.
private enum Interruption: Error {
    /// More bytes are needed.
    case incomplete
    case malformed(String)

    init(_ error: MessagePackError) {
        self = error == .truncated ? .incomplete : .malformed("a frame on pub is no MessagePack: \(error)")
    }
}
