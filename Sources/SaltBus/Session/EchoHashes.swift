/// The hashes of what an event is recognised by: its tag, and its tag with its id.
///
/// Swift seeds them anew in each process, so nobody on the bus can make collisions.
struct EchoHashes: Hashable, Sendable {
    private let tag: Int
    private let key: Int

    /// - Parameters:
    ///   - tag: From ``tag(_:)``.
    ///   - id: The text of `relay.id`.
    init(tag: Int, id: UnsafeRawBufferPointer) {
        var hasher = Hasher()
        hasher.combine(tag)
        hasher.combine(bytes: id)
        self.tag = tag
        key = hasher.finalize()
    }

    /// The hash of a tag without its blank line.
    static func tag(_ bytes: UnsafeRawBufferPointer) -> Int {
        var hasher = Hasher()
        hasher.combine(bytes: bytes)
        return hasher.finalize()
    }

    /// How many of each there are: the same event may be there twice, as a replay.
    struct Counts: Sendable {
        private var tags: [Int: Int] = [:]
        private var keys: [Int: Int] = [:]

        func hasTag(_ tag: Int) -> Bool { tags[tag] != nil }
        func hasKey(_ hashes: EchoHashes) -> Bool { keys[hashes.key] != nil }

        mutating func insert(_ hashes: EchoHashes) {
            tags[hashes.tag, default: 0] += 1
            keys[hashes.key, default: 0] += 1
        }

        mutating func remove(_ hashes: EchoHashes) {
            Self.remove(hashes.tag, from: &tags)
            Self.remove(hashes.key, from: &keys)
        }

        private static func remove(_ hash: Int, from counts: inout [Int: Int]) {
            guard let count = counts[hash] else { return }
            counts[hash] = count == 1 ? nil : count - 1
        }
    }
}
