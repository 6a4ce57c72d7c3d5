internal import Connections
internal import Foundation
internal import SaltBus
internal import Spool

extension Lost.Object {
    /// An object as the journal has it; `nil` for what is none.
    ///
    /// - Parameter name: Empty when nobody knows.
    init?(_ object: String, _ key: String, name: String) {
        guard let object = EventKind.Object(rawValue: object), let key = ObjectKey(key, of: object) else { return nil }
        self.init(object, key, name: name.isEmpty ? nil : name)
    }
}

extension Lost {
    /// What had to go of a host before it was sent; a gap was maybe among it.
    init(_ gone: GivenUp) {
        let time = Timestamp(microseconds: gone.time)
        let gap = gone.gap.flatMap { try? UnstampedEvent(bytes: $0).decoded() }
        var from = time
        if case .string(let text)? = gap?.data["from"], let told = try? Timestamp(text: text, now: time, zone: .gmt) {
            from = told
        }
        let objects = gone.objects.compactMap { Lost.Object($0.object, $0.key, name: $0.name) }
        self.init(from: min(from, time), objects: Set(objects), isEverything: gone.isEverything)
    }
}
