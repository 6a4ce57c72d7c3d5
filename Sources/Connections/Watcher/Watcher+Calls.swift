/// Calls on the connection.
extension Watcher {
    /// How long the close callback may come after a call that found the connection closed.
    private static let lossPatience = Duration.seconds(1)

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
                    } else {
                        watcher.expectLoss()
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

    /// A call has found the connection to be closed.
    ///
    /// The close callback says so with the reason; one that a host refuses, or a library loses, never does.
    private func expectLoss() {
        guard lossLook == nil, case .watching(let number) = machine.state else { return }
        lossLook = environment.scheduler.schedule(after: Self.lossPatience, on: executor.queue) {
            self.assumeIsolated { watcher in
                watcher.lost(number, EstablishFailure(.error, "the connection is closed, and nobody has said why"))
            }
        }
    }

    /// A connection comes or goes.
    func resetCalls() {
        lossLook?.cancel()
        lossLook = nil
        waitingCalls = []
        queuedListings = []
        isCalling = false
        waitsSince = nil
        isChangingKinds = false
    }
}
