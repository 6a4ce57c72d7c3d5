internal import Glibc

/// What the system says of processes that libvirt started for us.
enum ChildProcess {
    /// Whether a process is a child of this one.
    static func isOurs(_ pid: pid_t) -> Bool {
        parent(of: pid) == getpid()
    }

    /// From `/proc/<pid>/stat`, whose second field is a name in brackets that may hold anything.
    private static func parent(of pid: pid_t) -> pid_t? {
        guard let line = FirstLine.read("/proc/\(pid)/stat"), let bracket = line.lastIndex(of: ")") else { return nil }
        let fields = line[line.index(after: bracket)...].split(separator: " ")
        return fields.count > 1 ? pid_t(fields[1]) : nil
    }
}
