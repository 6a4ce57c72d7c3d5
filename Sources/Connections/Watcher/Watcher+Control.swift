internal import Logging

/// What changes while the connection stays: the grace, a pause, and what ``Watcher+Kinds`` sees to.
extension Watcher {
    /// Takes over a host that differs in nothing its connection is made of.
    ///
    /// - Parameter host: One that ``Host/sharesConnection(with:)`` this one.
    package func update(_ host: Host) {
        self.host = host
        askings = 0
        changeKinds(askingAgain: true)
        rescheduleGraceEnd()
    }

    /// Holds back what is said of the host's ups and downs, until ``resume(by:)`` or the end of the pause.
    ///
    /// The host keeps its connection, and its events go out.
    package func pause(_ pause: Pause) {
        current.pause = pause
        announcer.paused()
        send([report(.paused(pause), observed: environment.now())])
        schedulePauseEnd()
        publish()
    }

    /// Ends a pause, and says how the host is if that is not what was last said; does nothing when there is no pause.
    package func resume(by who: String) {
        guard current.pause != nil else { return }
        pauseEnd?.cancel()
        current.pause = nil
        send([report(.resumed(by: who), observed: environment.now())])
        for word in announcer.resumed() { say(word) }
        publish()
    }

    func schedulePauseEnd() {
        pauseEnd?.cancel()
        guard let until = current.pause?.until else { return }
        let left = environment.now().duration(to: until)
        // The wall clock may be set, or the machine sleep, meanwhile.
        let look = min(max(left, .zero), .seconds(60))
        pauseEnd = environment.scheduler.schedule(after: look, on: executor.queue) {
            self.assumeIsolated { $0.pauseMayBeOver() }
        }
    }

    private func pauseMayBeOver() {
        guard let until = current.pause?.until else { return }
        if until <= environment.now() { resume(by: "the end of the pause") } else { schedulePauseEnd() }
    }

    /// The host is not heard from now on.
    func outageBegan() {
        downSince = environment.now()
        downBegan = environment.scheduler.now
    }

    /// Tells the announcer when an outage has lasted for the grace.
    func scheduleGraceEnd() {
        guard graceEnd == nil, announcer.isWaiting else { return }
        let lasted = environment.scheduler.now - downBegan
        graceEnd = environment.scheduler.schedule(after: max(.zero, host.downGrace - lasted), on: executor.queue) {
            self.assumeIsolated { $0.graceIsOver() }
        }
    }

    private func rescheduleGraceEnd() {
        graceEnd?.cancel()
        graceEnd = nil
        scheduleGraceEnd()
    }

    func graceIsOver() {
        graceEnd?.cancel()
        graceEnd = nil
        say(announcer.graceIsOver())
    }
}
