internal import Connections
internal import Spool

/// Maintenance.
extension Supervisor {
    /// Holds back what is said of a host's ups and downs, through restarts and reloads.
    ///
    /// - Throws: ``SpoolError`` when that cannot be stored; then nothing is held back.
    /// - Returns: Whether there is such a host.
    func pause(_ name: String, _ pause: Pause) async throws(SpoolError) -> Bool {
        guard wanted[name] != nil else { return false }
        let watch = try await store { pauses in
            pauses[name] = pause
            return name
        }
        await watch?.tell(.paused(pause))
        return true
    }

    /// Ends a host's pause, if there is one.
    ///
    /// - Throws: ``SpoolError`` when that cannot be stored; then the pause goes on.
    /// - Returns: Whether there is such a host.
    func resume(_ name: String, by who: String) async throws(SpoolError) -> Bool {
        guard wanted[name] != nil else { return false }
        let watch = try await store(resumedBy: who) { pauses in
            pauses[name] = nil
            return name
        }
        await watch?.tell(.resumed(by: who))
        return true
    }

    /// A watcher has said that a pause is over.
    func forgetPause(of name: String) async {
        let now = environment.now
        // What cannot be removed now is removed with the next that is stored.
        _ = try? await store { pauses in
            if pauses[name]?.isUnderWay(at: now()) == false { pauses[name] = nil }
            return nil
        }
    }

    /// Stores what `change` makes of the pauses, after everything that was to be stored before.
    ///
    /// - Parameters:
    ///   - who: Ends the pause of the host.
    ///   - change: Returns the host it is about.
    /// - Returns: The host's watcher, which is to be told; `nil` = the next one will be.
    @discardableResult
    func store(
        resumedBy who: String? = nil,
        _ change: @escaping @Sendable (inout [String: Pause]) -> String?
    ) async throws(SpoolError) -> Watch? {
        let former = storing
        let task = Task {
            await former?.value
            return await write(resumedBy: who, change)
        }
        storing = Task { _ = await task.value }
        return try await task.value.get()
    }

    /// One at a time, so that what could not be stored leaves what is.
    private func write(
        resumedBy who: String?,
        _ change: (inout [String: Pause]) -> String?
    ) async -> Result<Watch?, SpoolError> {
        let now = environment.now()
        var pauses = book.stored
        let name = change(&pauses)
        for (other, pause) in pauses {
            let isShown = watches[other].map { $0.watcher.status.pause != nil }
            pauses[other] = PauseBook.kept(pause, isWanted: wanted[other] != nil, isShown: isShown, at: now)
        }
        if pauses != book.stored {
            let outcome = await withCheckedContinuation { continuation in
                store.save(pauses) { continuation.resume(returning: $0) }
            }
            if case .failure(let error) = outcome { return .failure(error) }
            for gone in book.stored.keys where pauses[gone] == nil && wanted[gone] == nil { book.forget(gone) }
            book.store(pauses)
        }
        guard let name else { return .success(nil) }
        if let watch = watches[name] { return .success(watch) }
        if let who { book.resume(name, by: who) }
        return .success(nil)
    }
}
