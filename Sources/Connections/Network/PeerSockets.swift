internal import Glibc

/// Our TCP sockets to given peers, as the kernel lists them.
///
/// libvirt shows a socket only when TCP, TLS or ssh are through; before that a call that hangs in it can be ended by
/// nothing else than shutting the socket down, and this finds it.
enum PeerSockets {
    /// Shuts down the socket to one of `peers` that a thread hangs on.
    ///
    /// Where the kernel does not tell which one that is, it is every socket to them but for those `isExempt` says belong
    /// to somebody: then two attempts that hang at one address end together.
    static func shutdown(to peers: Set<PeerAddress>, for thread: BlockedThread, unless isExempt: (Int32) -> Bool) {
        // It may be between two calls just now.
        for _ in 0..<10 {
            switch thread.look() {
            case .waiting(let descriptor):
                return shutdown(to: peers) { $0 != descriptor || isExempt($0) }
            case .busy: sched_yield()
            case .hidden: return shutdown(to: peers, unless: isExempt)
            }
        }
    }

    /// Shuts down every socket to one of `peers` that is not exempt.
    static func shutdown(to peers: Set<PeerAddress>, unless isExempt: (Int32) -> Bool) {
        guard !peers.isEmpty else { return }
        let inodes = ["/proc/self/net/tcp", "/proc/self/net/tcp6"].reduce(into: Set<UInt>()) { inodes, table in
            inodes.formUnion(Self.inodes(in: table, to: peers))
        }
        guard !inodes.isEmpty, let folder = opendir("/proc/self/fd") else { return }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard let fd = Int32(name), inode(of: fd).map(inodes.contains) == true, !isExempt(fd) else { continue }
            // A number may change hands at any moment; a copy of our own does not.
            let copy = fcntl(fd, F_DUPFD_CLOEXEC, 3)
            guard copy >= 0 else { continue }
            defer { close(copy) }
            if inode(of: copy).map(inodes.contains) == true { Glibc.shutdown(copy, Int32(SHUT_RDWR)) }
        }
    }

    private static func inode(of fd: Int32) -> UInt? {
        var status = stat()
        guard fstat(fd, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return nil }
        return UInt(status.st_ino)
    }

    /// Reads the table, whose columns are slot, local, remote, state, queues, timer, retransmits, uid, timeout, inode.
    private static func inodes(in table: String, to peers: Set<PeerAddress>) -> [UInt] {
        guard let file = fopen(table, "re") else { return [] }
        defer { fclose(file) }
        var inodes: [UInt] = []
        var line = [CChar](repeating: 0, count: 512)
        while fgets(&line, Int32(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            let columns = text.split(separator: " ", maxSplits: 10)
            guard columns.count > 9, peers.contains(PeerAddress(key: String(columns[2]))),
                let inode = UInt(columns[9]), inode > 0
            else { continue }
            inodes.append(inode)
        }
        return inodes
    }
}
