internal import Logging

/// A host that is lost again and again.
extension Watcher {
    /// The host was up, and is lost.
    func countLoss() {
        let began = damper.lost(at: environment.scheduler.now, environment.now())
        current.flapping = damper.flapping
        if began, let flapping = damper.flapping {
            machine.slowDown(true)
            environment.logger.warning(
                "Host flapping",
                metadata: [LogKeys.host: "\(host.name)", LogKeys.count: "\(flapping.count)"]
            )
            say(announcer.flaps(flapping))
        }
        scheduleCalm()
    }

    func countReturn() {
        damper.cameUp(at: environment.scheduler.now)
        scheduleCalm()
    }

    private func scheduleCalm() {
        calm?.cancel()
        calm = damper.calm(at: environment.scheduler.now).map { delay in
            environment.scheduler.schedule(after: delay, on: executor.queue) {
                self.assumeIsolated { $0.mayBeCalm() }
            }
        }
    }

    private func mayBeCalm() {
        guard damper.calmIsDue(at: environment.scheduler.now) else { return scheduleCalm() }
        machine.slowDown(false)
        current.flapping = nil
        environment.logger.info("Host calm", metadata: [LogKeys.host: "\(host.name)"])
        say(announcer.calmedDown())
        publish()
    }
}
