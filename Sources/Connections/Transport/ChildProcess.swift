internal import Glibc

/// What the system says of processes that libvirt started for us.
enum ChildProcess {
    /// Whether a process is a child of this one.
    static func isOurs(_ pid: pid_t) -> Bool {
        parent(of: pid) == getpid()
    }

    /// From `/proc/<pid>/stat`, whose second field is a name in brackets that may hold anything.
    private static func parent(of pid: pid_t) -> pid_t? {
        guard let file = fopen("/proc/\(pid)/stat", "re") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 512)
        let count = fread(&bytes, 1, bytes.count, file)
        guard let bracket = bytes[..<count].lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = String(decoding: bytes[(bracket + 1)..<count], as: UTF8.self).split(separator: " ")
        return fields.count > 1 ? pid_t(fields[1]) : nil
    }
}
