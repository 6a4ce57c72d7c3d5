/// Calls on the connection.
extension Watcher {
    /// Makes a call when those before it have returned: a host has at most one outstanding.
    ///
    /// One that is past its deadline keeps its turn until it returns: who does not answer one question is not asked another.
    /// With its connection go the calls that wait. Each says whether the host answers; see ``ProbePlan``.
    ///
    /// - Parameters:
    ///   - purpose: What it is for.
    ///   - began: Runs when the call's turn has come.
    ///   - body: The call, on a thread that may block.
    ///   - returned: Runs unless the connection has gone meanwhile.
    func call<Value: Sendable>(
        _ purpose: HostCall,
        began: @escaping @Sendable (isolated Watcher) -> Void = { _ in },
        _ body: @escaping @Sendable (any HypervisorConnection) -> Value,
        returned: @escaping @Sendable (isolated Watcher, Value) -> Void
    ) {
        guard let connection else { return }
        waitingCalls.append { watcher in
            began(watcher)
            watcher.calls += 1
            let number = watcher.calls
            watcher.waitsSince = watcher.environment.scheduler.now
            let moment = watcher.environment.now()
            // A call that ends with its connection is no answer.
            let done: @Sendable ((value: Value, isAnswer: Bool)) -> Void = { result in
                watcher.hop { watcher in
                    guard watcher.connection === connection else { return }
                    watcher.isCalling = false
                    if result.isAnswer {
                        watcher.proved(at: moment)
                        watcher.perform(watcher.probing.callReturned(purpose))
                    }
                    returned(watcher, result.value)
                    watcher.makeNextCall()
                }
            }
            watcher.environment.pool.submit(
                BlockingCall(
                    deadline: watcher.environment.probeDeadline,
                    body: {
                        watcher.hop { if $0.calls == number { $0.waitsSince = nil } }
                        return (value: body(connection), isAnswer: connection.isOpen)
                    },
                    finished: done,
                    expired: {
                        watcher.hop { watcher in
                            guard watcher.connection === connection, watcher.isCalling, watcher.calls == number else {
                                return
                            }
                            watcher.perform(watcher.probing.callIsLate(purpose))
                        }
                    },
                    late: done
                ),
                lane: .call,
                admission: Admission(host: watcher.name)
            )
        }
        makeNextCall()
    }

    private func makeNextCall() {
        guard !isCalling, !waitingCalls.isEmpty else { return }
        isCalling = true
        waitingCalls.removeFirst()(self)
    }

    /// A connection comes or goes.
    func resetCalls() {
        waitingCalls = []
        queuedListings = []
        isCalling = false
        waitsSince = nil
        isChangingKinds = false
    }
}
