/// Once a day, a look at the certificates that the host shows and that we show it.
extension Watcher {
    /// How long after the start the first look is, at most; spread, so that a fleet's handshakes are.
    private static let firstLook = Duration.seconds(60)

    /// Between two looks.
    private static let day = Duration.seconds(86_400)

    /// Until the next look at a host that is down: why it is down says more than a look could.
    private static let whileDown = Duration.seconds(600)

    func scheduleFirstLook() {
        guard host.uri.transport == .tls else { return }
        scheduleLook(after: Self.firstLook * Double.random(in: 0...1, using: &random))
    }

    private func scheduleLook(after delay: Duration) {
        certificateLook = environment.scheduler.schedule(after: delay, on: executor.queue) {
            self.assumeIsolated { $0.lookAtCertificates() }
        }
    }

    private func lookAtCertificates() {
        guard current.phase == .up else { return scheduleLook(after: Self.whileDown) }
        let (driver, host, deadline) = (environment.driver, host, environment.deadlines.slow)
        let seen: @Sendable (TLSVerdict?) -> Void = { verdict in
            self.hop { if let verdict { $0.tell(verdict) } }
        }
        environment.pool.submit(
            BlockingCall(
                deadline: deadline,
                body: { driver.certificates(of: host, deadline: deadline) },
                finished: seen,
                late: seen
            ),
            lane: .call,
            admission: Admission(host: name)
        )
        scheduleLook(after: Self.day * Double.random(in: 0.95...1, using: &random))
    }

    private func tell(_ verdict: TLSVerdict) {
        guard machine.state != .stopped else { return }
        current.certificates = verdict
        for notice in certificateWatch.notices(for: verdict, now: environment.now()) {
            send([report(.certificate(notice), observed: environment.now())])
        }
        publish()
    }
}
