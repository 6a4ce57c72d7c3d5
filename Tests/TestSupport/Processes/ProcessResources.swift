package import Foundation

/// What a process holds of the machine: the counts that grow when it leaks.
package struct ProcessResources: Sendable, Equatable, CustomStringConvertible {
    /// The names of its threads, but for the workers.
    package let threads: [String]
    /// Threads of Dispatch, which makes them as it likes and ends each 5 s after its last work: equal counts have unequal
    /// numbers of them.
    package let workers: Int
    /// What its descriptors are: a path, or `socket` and the like without a number.
    package let descriptors: [String]
    /// The names of the processes that it and its children have started, zombies among them.
    package let children: [String]

    /// Counts them now; nil when the process has ended.
    package init?(of pid: pid_t) {
        guard let threads = Self.names("/proc/\(pid)/task"), let descriptors = Self.names("/proc/\(pid)/fd") else {
            return nil
        }
        // One that has ended meanwhile has no name.
        let named = threads.compactMap { thread in
            let name = try? String(contentsOfFile: "/proc/\(pid)/task/\(thread)/comm", encoding: .utf8)
            return name?.trimmingCharacters(in: .newlines)
        }
        // The last 15 letters of com.apple.root.default-qos and com.apple.root.default-qos.overcommit.
        self.threads = named.filter { !$0.hasSuffix("-qos") && !$0.hasSuffix("-qos.overcommit") }.sorted()
        workers = named.count - self.threads.count
        self.descriptors = descriptors.compactMap { descriptor in
            let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/fd/\(descriptor)")
            // "socket:[4711]" is one socket like another, "anon_inode:[eventfd]" is an eventfd.
            return target.map { $0.hasSuffix("]") ? String($0.prefix { !$0.isNumber }) : $0 }
        }
        .sorted()
        let entries = ProcessTable().entries
        var found: [ProcessTable.Entry] = []
        var parents: Set<pid_t> = [pid]
        while !parents.isEmpty {
            let next = entries.filter { parents.contains($0.parent) }
            found += next
            parents = Set(next.map(\.pid))
        }
        children = found.map(\.name).sorted()
    }

    package static func == (one: Self, other: Self) -> Bool {
        one.threads == other.threads && one.descriptors == other.descriptors && one.children == other.children
    }

    package var description: String {
        "\(threads.count) threads: \(threads), \(workers) workers, \(descriptors.count) descriptors: \(descriptors), children: \(children)"
    }

    private static func names(_ folder: String) -> [String]? {
        try? FileManager.default.contentsOfDirectory(atPath: folder)
    }
}
