@testable internal import SaltBus

extension FuzzTarget {
    /// Any bytes are a value or an error; the scanner, which decodes nothing, agrees; a value is the same written anew.
    static let messagePack = FuzzTarget("messagepack", weight: 2, seeds: made.map { [UInt8](encoding: $0) }) { bytes in
        var scanner = MessagePackScanner(bytes)
        let skipped = (try? scanner.skip()) != nil
        do throws(MessagePackError) {
            let value = try MessagePackDecoder.decode([UInt8](bytes))
            expect(skipped && scanner.remaining == 0, "what decodes is skipped")
            let again = [UInt8](encoding: value)
            // Invalid text alone grows: one byte becomes the three of U+FFFD.
            expect(again.count <= 3 * bytes.count + 5, "a value is no larger than its bytes")
            expect(encodes(try MessagePackDecoder.decode(again), as: again), "a value survives being written")
        } catch {
            let wanted = error == .trailing || error == .tooDeep
            expect(skipped == wanted || error == .tooDeep, "what does not decode is not skipped: \(error)")
        }
        for key in ["relay", "body", ""] as [StaticString] {
            var scanner = MessagePackScanner(bytes)
            if (try? scanner.enter(key)) == true { _ = try? scanner.string() }
            expect(scanner.remaining >= 0, "the scanner stays inside")
        }
    }

    /// Any value is the same after encoding and decoding, and no beginning of its bytes is one.
    static let messagePackMade = FuzzTarget("messagepack-made", seeds: (0..<8).map { shapes(UInt8($0)) }) { bytes in
        let input = FuzzInput(bytes)
        let value = MessagePackValue(input, depth: 0)
        let cut = Int(input.number(UInt16.self))
        let encoded = [UInt8](encoding: value)
        guard let decoded = try? MessagePackDecoder.decode(encoded) else { return expect(false, "a value decodes") }
        expect(encodes(decoded, as: encoded), "a value survives")
        do throws(MessagePackError) {
            _ = try MessagePackDecoder.decode([UInt8](encoded.prefix(cut % encoded.count)))
            expect(false, "a beginning is no value")
        } catch {
            expect(error == .truncated, "a beginning is cut short: \(error)")
        }
    }

    /// By their bytes: two values that hold NaN are not equal.
    private static func encodes(_ value: MessagePackValue, as bytes: [UInt8]) -> Bool {
        [UInt8](encoding: value) == bytes
    }

    private static func shapes(_ first: UInt8) -> [UInt8] {
        (0..<64).map { first &* 31 &+ UInt8($0) &* 7 }
    }

    private static let made: [MessagePackValue] = [
        .null, .int(-1), .uint(.max), .double(1.5), .binary([1, 2, 3]), .ext(type: -1, [0, 0, 0, 0]),
        .array([.bool(true), .string("ü")]),
        .map([
            .init(key: .string("relay"), value: .map([.init(key: .string("id"), value: .string("a/b/1"))])),
            .init(key: .string("_stamp"), value: .string("2026-11-22T08:28:19.265359")),
        ]),
    ]
}

extension [UInt8] {
    init(encoding value: MessagePackValue) {
        var encoder = MessagePackEncoder()
        encoder.value(value)
        self = encoder.bytes
    }
}

extension MessagePackValue {
    /// A value of the fuzzer's choice, as the decoder would give it.
    init(_ input: FuzzInput, depth: Int) {
        let choice = input.byte()
        switch choice % 11 {
        case 1: self = .bool(choice & 0x80 != 0)
        case 2: self = .int(input.number())
        case 3: self = .int(Int64(Int8(bitPattern: input.byte())))
        case 4: self = .uint(input.number(UInt64.self) | 1 << 63)
        case 5: self = .double(Double(bitPattern: input.number()))
        case 6: self = .string(input.text())
        case 7: self = .binary(input.bytes())
        case 8: self = .ext(type: Int8(bitPattern: input.byte()), input.bytes())
        case 9 where depth < MessagePackDecoder.depthLimit - 1:
            self = .array((0..<input.count(below: 20)).map { _ in MessagePackValue(input, depth: depth + 1) })
        case 10 where depth < MessagePackDecoder.depthLimit - 1:
            self = .map(
                (0..<input.count(below: 20)).map { index in
                    // No key twice: it could not be pointed at.
                    let key = "\(index)" + input.text()
                    return .init(key: .string(key), value: MessagePackValue(input, depth: depth + 1))
                }
            )
        default: self = .null
        }
    }
}
