internal import Connections
internal import Foundation
internal import SaltBus
internal import Spool

extension Lost {
    /// What had to go of a host before it was sent: of any object that there is, and of those that have ended since; and a
    /// gap was maybe among it.
    init(_ gone: GivenUp) {
        let time = Timestamp(microseconds: gone.time)
        let gap = gone.gap.flatMap { try? UnstampedEvent(bytes: $0).decoded() }
        var from = time
        if case .string(let text)? = gap?.data["from"], let told = try? Timestamp(text: text, now: time, zone: .gmt) {
            from = told
        }
        let ended = gone.ended.compactMap { item -> Lost.Object? in
            guard let object = EventKind.Object(rawValue: item.object), let key = ObjectKey(item.key, of: object) else {
                return nil
            }
            return Lost.Object(object, key)
        }
        self.init(from: min(from, time), objects: nil, ended: Set(ended))
    }
}
