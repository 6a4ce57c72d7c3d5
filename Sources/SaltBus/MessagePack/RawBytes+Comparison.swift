internal import Glibc

extension UnsafeRawBufferPointer {
    func isEqual(to other: UnsafeRawBufferPointer) -> Bool {
        count == other.count && starts(with: other)
    }

    func isEqual(to text: StaticString) -> Bool {
        text.withUTF8Buffer { isEqual(to: UnsafeRawBufferPointer($0)) }
    }

    func isEqual(to bytes: ArraySlice<UInt8>) -> Bool {
        bytes.withUnsafeBytes { isEqual(to: $0) }
    }

    func starts(with prefix: UnsafeRawBufferPointer) -> Bool {
        guard prefix.count <= count else { return false }
        guard let mine = baseAddress, let theirs = prefix.baseAddress else { return prefix.isEmpty }
        return memcmp(mine, theirs, prefix.count) == 0
    }

    func starts(with prefix: [UInt8]) -> Bool {
        prefix.withUnsafeBytes { starts(with: $0) }
    }
}
