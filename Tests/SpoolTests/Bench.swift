import Foundation
import Spool

/// A folder of a test's own, gone when the test is.
final class SpoolFolder: Sendable {
    let path: String

    init() {
        path = NSTemporaryDirectory() + "va-spool-\(UUID().uuidString)"
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}

func record(
    _ text: String,
    time: Int64 = 1,
    host: String = "kvm01",
    object: String = "domain",
    kind: String = "lifecycle",
    key: String = "",
    level: String? = nil,
    replayOf: Int64? = nil
) -> SpoolRecord {
    SpoolRecord(
        time: time,
        host: host,
        object: object,
        kind: kind,
        subject: "vm",
        key: key,
        level: level,
        replayOf: replayOf,
        bytes: Array(text.utf8)
    )
}

func texts(_ events: [SpooledEvent]) -> [String] {
    events.map { String(decoding: $0.bytes, as: UTF8.self) }
}

extension SpoolChange {
    static func domain(_ name: String, _ state: String, at time: Int64, exists: Bool = true) -> SpoolChange {
        SpoolChange(
            time: time,
            host: "kvm01",
            object: "domain",
            key: "uuid-\(name)",
            name: name,
            exists: exists,
            persistent: true,
            active: state == "running",
            state: state
        )
    }
}

/// A generator whose numbers a seed tells.
struct Dice: Sendable {
    private var state: UInt64

    init(seed: Int) {
        state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1
    }

    /// A number below `bound`.
    mutating func roll(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
    }
}
