package import Foundation

/// What /proc says about the processes of this machine.
package struct ProcessTable: Sendable {
    package struct Entry: Sendable, Hashable {
        package let pid, parent, session: pid_t
        package let name: String
        package let isZombie: Bool
    }

    package let entries: [Entry]

    package init() {
        let pids = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap(pid_t.init)
        entries = pids.compactMap(Self.entry)
    }

    /// A process by its pid; nil when there is none.
    package static func entry(_ pid: pid_t) -> Entry? {
        // "pid (name) state parent group session ...", and a name may hold anything.
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let start = text.firstIndex(of: "("), let end = text.lastIndex(of: ")")
        else { return nil }
        let words = text[text.index(after: end)...].split(separator: " ")
        guard words.count > 3, let parent = pid_t(words[1]), let session = pid_t(words[3]) else { return nil }
        let name = String(text[text.index(after: start)..<end])
        return Entry(pid: pid, parent: parent, session: session, name: name, isZombie: words[0] == "Z")
    }

    /// All that live in sessions that processes of this one started, and the sessions' leaders.
    package var children: [Entry] {
        entries.filter { $0.parent == getpid() && !$0.isZombie }
    }

    package func session(_ leader: pid_t) -> [Entry] {
        entries.filter { $0.session == leader && !$0.isZombie }
    }

    /// Kills every process of a session, and those that they start meanwhile.
    static func killSession(_ leader: pid_t) {
        // Each round finds what the one before it did not see; what is stuck in the kernel is not waited for.
        for _ in 0..<50 {
            let left = ProcessTable().session(leader)
            if left.isEmpty { return }
            for entry in left { kill(entry.pid, SIGKILL) }
            usleep(2000)
        }
    }
}
