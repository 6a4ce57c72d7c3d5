internal import DequeModule

/// Which records are on the bus's side and not confirmed yet, and how many there may be.
///
/// The window halves when a session is lost and grows by one for each window confirmed: a master that was too slow gets
/// less.
struct SendWindow: Sendable {
    private struct Entry {
        let position: Int64
        var isConfirmed = false
    }

    private let limit: Int
    private var entries: Deque<Entry> = []

    /// Confirmed ahead of the watermark in a session that is over: not to be sent, nor counted, again.
    private var confirmedBefore: Set<Int64> = []
    private var confirmedSinceGrowth = 0

    /// How many may be unconfirmed.
    private(set) var size: Int

    /// Everything up to here is confirmed.
    private(set) var watermark: Int64

    /// The last record handed out.
    private(set) var sent: Int64

    init(limit: Int, watermark: Int64) {
        self.limit = limit
        self.watermark = watermark
        size = limit
        sent = watermark
    }

    /// How many more may be sent now.
    var room: Int { max(0, size - entries.count) }

    var isEmpty: Bool { entries.isEmpty }

    /// Takes the next records in; positions grow.
    ///
    /// - Returns: Those to send: all but what was confirmed before a loss.
    mutating func send(_ positions: some Sequence<Int64>) -> [Int64] {
        var unsent: [Int64] = []
        for position in positions {
            sent = position
            let isConfirmed = confirmedBefore.remove(position) != nil
            if !isConfirmed { unsent.append(position) }
            entries.append(Entry(position: position, isConfirmed: isConfirmed))
        }
        passConfirmed()
        return unsent
    }

    /// Moves the watermark over what is confirmed, so that the first entry is always one that is waited for.
    private mutating func passConfirmed() {
        while let first = entries.first, first.isConfirmed {
            entries.removeFirst()
            watermark = first.position
        }
    }

    /// A record was seen on the bus, or will never be sent.
    ///
    /// - Returns: Whether it was waited for.
    mutating func settle(_ position: Int64) -> Bool {
        guard let index = index(of: position), !entries[index].isConfirmed else { return false }
        entries[index].isConfirmed = true
        passConfirmed()
        confirmedSinceGrowth += 1
        if confirmedSinceGrowth >= size {
            confirmedSinceGrowth = 0
            size = min(size + 1, limit)
        }
        return true
    }

    /// The session is over: what is unconfirmed is sent again.
    mutating func lose() {
        confirmedBefore.formUnion(entries.lazy.filter(\.isConfirmed).map(\.position))
        entries.removeAll()
        sent = watermark
        size = max(1, size / 2)
        confirmedSinceGrowth = 0
    }

    /// Positions are sorted, and the one asked for is nearly always the first.
    private func index(of position: Int64) -> Int? {
        if entries.first?.position == position { return 0 }
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].position < position { low = middle + 1 } else { high = middle }
        }
        return low < entries.count && entries[low].position == position ? low : nil
    }
}
