internal import Connections
internal import Logging
internal import SaltBus
internal import Spool

/// A disk that cannot be read: what is at hand is sent, and the rest is given up when that lasts.
extension Sink {
    /// How long a disk that has failed may be unreadable: meanwhile all that was appended later waits for what is on it.
    static let unreadPatience = Duration.seconds(180)

    /// Reads of the spool.
    ///
    /// - Parameter position: The first that is read.
    /// - Returns: `nil` when it failed; then nothing is read of the disk for a second.
    func reading<Value>(_ position: Int64, _ body: () throws(SpoolError) -> Value) -> Value? {
        do throws(SpoolError) {
            let value = try body()
            // What is in memory says nothing of the disk.
            if position <= spool.lastOnDisk ?? .max { unreadSince = nil }
            return value
        } catch {
            readAgain(after: error)
            return nil
        }
    }

    private func readAgain(after error: SpoolError) {
        if unreadSince == nil { logger.error("Journal cannot be read", metadata: [LogKeys.error: "\(error)"]) }
        unreadSince = unreadSince ?? scheduler.now
        // What is in memory can be; should that ever fail, too, it waits with the rest.
        backlog.unread = backlog.unread == 0 ? spool.lastOnDisk ?? .max : .max
        if isUnreadForLong { Task { await giveUpUnread() } }
        guard !plans.isReadingAgain else { return }
        plans.isReadingAgain = true
        plan(after: .seconds(1)) { sink in
            sink.plans.isReadingAgain = false
            sink.backlog.unread = 0
            sink.pump()
        }
    }

    private var isUnreadForLong: Bool { unreadSince.map { scheduler.now - $0 >= Self.unreadPatience } ?? false }

    /// Gives up what waits on a disk that has failed and cannot be read: else the bus would stand still for every host
    /// for as long as that lasts.
    private func giveUpUnread() async {
        let hosts = await hosts()
        guard isUnreadForLong else { return }
        let time = openSince.time ?? now().microseconds
        let lost = hosts.map { GivenUp(host: $0, time: time) }
        do throws(SpoolError) {
            guard let end = try spool.giveUpUnread(after: settlement.watermark, of: lost) else { return }
            let waiting = backlog.drop(0...end, keepsAtHand: true)
            for position in waiting { settlement.settle(position) }
            counts.tally.dropped += waiting.count
            pass(through: end)
            (unreadSince, backlog.unread) = (nil, 0)
            logger.error("Journal could not be read for long: what waited there is given up")
        } catch {
            logger.error("Journal cannot give up what it cannot read", metadata: [LogKeys.error: "\(error)"])
        }
        pump()
    }
}
