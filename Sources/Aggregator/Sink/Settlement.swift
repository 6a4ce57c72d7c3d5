internal import DequeModule

/// Which records are settled: seen on the bus, superseded, dropped, or dead.
///
/// Everything up to the watermark is; beyond it a byte for each position says so.
struct Settlement: Sendable {
    /// Positions between the watermark and the last one read: a byte each, so 16 MiB.
    static let limit = 16 << 20

    /// Everything up to here is settled.
    private(set) var watermark: Int64

    /// The last record that was read, or known to be gone.
    private(set) var read: Int64

    /// Whether the positions after the watermark are settled; beyond ``read`` only what a former run settled is.
    private var isSettled: Deque<Bool> = []

    /// Settled beyond the watermark since the spool was told last.
    private var fresh: [Int64] = []
    private var told: Int64

    /// - Parameters:
    ///   - watermark: As the spool has it.
    ///   - ahead: What is settled beyond it.
    init(watermark: Int64, ahead: [ClosedRange<Int64>] = []) {
        self.watermark = watermark
        read = watermark
        told = watermark
        let bounds = watermark + 1...watermark + Int64(Self.limit)
        for range in ahead where range.overlaps(bounds) {
            for position in range.clamped(to: bounds) { set(position, true) }
        }
        pass()
        read = self.watermark
    }

    /// How many positions are between the watermark and the last one read.
    var span: Int { isSettled.count }

    /// Whether there is something to tell the spool.
    var isNews: Bool { watermark > told || !fresh.isEmpty }

    /// Whether a record is not settled.
    func isOpen(_ position: Int64) -> Bool {
        let index = Int(position - watermark) - 1
        return index >= 0 && (index >= isSettled.count || !isSettled[index])
    }

    /// The next record is read, which means that those between it and the one before are gone.
    ///
    /// - Returns: Whether it is still to be sent.
    mutating func take(_ position: Int64) -> Bool {
        guard position > read else { return false }
        if position > read + 1 { pass(through: position - 1) }
        read = position
        guard isOpen(position) else { return false }
        if Int(position - watermark) > isSettled.count { set(position, false) }
        return true
    }

    /// The records up to here, as far as they are not read, are gone.
    ///
    /// - Returns: How many of them were still to be sent.
    @discardableResult
    mutating func pass(through position: Int64) -> Int {
        guard position > read else { return 0 }
        var missing = 0
        for gone in (read + 1)...position where isOpen(gone) {
            settle(gone)
            missing += 1
        }
        read = position
        return missing
    }

    /// A record is settled.
    mutating func settle(_ position: Int64) {
        guard isOpen(position) else { return }
        set(position, true)
        if position == watermark + 1 { pass() } else { fresh.append(position) }
    }

    /// What the spool is to be told, with the ranges in order; ``tell()`` says that it has been.
    mutating func news() -> (through: Int64, ahead: [ClosedRange<Int64>]) {
        fresh.removeAll { [watermark] in $0 <= watermark }
        fresh.sort()
        var ahead: [ClosedRange<Int64>] = []
        for position in fresh {
            if let last = ahead.last, last.upperBound + 1 == position {
                ahead[ahead.count - 1] = last.lowerBound...position
            } else {
                ahead.append(position...position)
            }
        }
        return (watermark, ahead)
    }

    /// The spool has been told the ``news()``.
    mutating func tell() {
        told = watermark
        fresh.removeAll(keepingCapacity: true)
    }

    private mutating func set(_ position: Int64, _ value: Bool) {
        let index = Int(position - watermark) - 1
        while isSettled.count <= index { isSettled.append(false) }
        isSettled[index] = value
    }

    /// Moves the watermark over what is settled.
    private mutating func pass() {
        while isSettled.first == true {
            isSettled.removeFirst()
            watermark += 1
        }
    }
}
