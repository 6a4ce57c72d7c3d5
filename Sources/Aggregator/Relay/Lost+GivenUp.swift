internal import Connections
internal import Foundation
internal import SaltBus
internal import Spool

extension Lost {
    /// What had to go of a host before it was sent: nobody knows of which objects any more, and a gap was maybe among it.
    init(_ gone: GivenUp) {
        let time = Timestamp(microseconds: gone.time)
        let gap = gone.gap.flatMap { try? UnstampedEvent(bytes: $0).decoded() }
        var from = time
        if case .string(let text)? = gap?.data["from"], let told = try? Timestamp(text: text, now: time, zone: .gmt) {
            from = told
        }
        self.init(from: min(from, time), objects: nil)
    }
}
