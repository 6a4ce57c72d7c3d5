package import Foundation

/// What a process holds of the machine: the counts that grow when it leaks.
package struct ProcessResources: Sendable, Hashable, CustomStringConvertible {
    package let threads: Int
    package let descriptors: Int
    /// The names of the processes that it and its children have started, zombies among them.
    package let children: [String]

    /// Counts them now; nil when the process has ended.
    package init?(of pid: pid_t) {
        guard let threads = Self.count("/proc/\(pid)/task"), let descriptors = Self.count("/proc/\(pid)/fd") else {
            return nil
        }
        self.threads = threads
        self.descriptors = descriptors
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

    package var description: String {
        "\(threads) threads, \(descriptors) descriptors, children: [\(children.joined(separator: " "))]"
    }

    private static func count(_ folder: String) -> Int? {
        try? FileManager.default.contentsOfDirectory(atPath: folder).count
    }
}
