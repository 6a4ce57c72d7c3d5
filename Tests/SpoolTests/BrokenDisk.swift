import Foundation
import Glibc
import Synchronization
import Testing

/// A small ext4 that can break under what is open on it, as one with `errors=remount-ro` does: from there on it is
/// read-only, until it is checked and mounted anew.
///
/// Linux refuses to make one read-only by hand while a file is open for writing.
struct BrokenDisk {
    let path: String
    private let image: String

    /// Whether this machine has what it takes, beside root.
    static var isPossible: Bool {
        let needed = ["/dev/loop-control", "/dev/loop0", "/sbin/mkfs.ext4"]
        return SmallDisk.isPossible && needed.allSatisfy { access($0, F_OK) == 0 }
    }

    /// Runs `body` on a thread of its own, with a disk of 16 MiB that only this sees.
    static func with(_ body: @escaping @Sendable (BrokenDisk) throws -> Void) async throws {
        try await SmallDisk.with(size: 64 << 20) { disk in
            let broken = BrokenDisk(path: disk.path + "/disk", image: disk.path + "/image")
            try FileManager.default.createDirectory(atPath: broken.path, withIntermediateDirectories: false)
            try broken.run("truncate -s 16M $1; mkfs.ext4 -q -E lazy_itable_init=0 $1")
            try broken.mount()
            defer { try? broken.run("umount -l $2") }
            try body(broken)
        }
    }

    /// What is written so far stays; the kernel takes nothing more.
    func fail() throws {
        try run("sync -f $2; mount -o remount,abort $2")
    }

    /// Puts one in its place that has the same files: the former one is there for as long as files of it are open.
    func repair() throws {
        // Of e2fsck 1 says that it repaired it.
        try run("umount -l $2; cp $1 $1.repaired; mv $1.repaired $1; e2fsck -fy $1 || test $? = 1")
        try mount()
    }

    private func mount() throws { try run("mount -o loop,errors=remount-ro $1 $2") }

    /// Whatever is read of a file from here on is refused by the kernel, until ``allowReads()``; what is cached aside.
    ///
    /// What is behind the device is not there any more, which not every kernel takes for an error.
    ///
    /// - Parameter kept: The KiB at the beginning of each file that are cached. The default is none.
    func refuseReads(keeping kept: Int = 0) throws {
        try run("sync -f $2; cp $1 $1.saved; echo probe > $2/probe; sync -f $2")
        try run("find $2 -type f -exec dd if={} iflag=nocache count=0 status=none \\;")
        try run("find $2 -type f -exec dd if={} of=/dev/null bs=1K count=\(kept) status=none \\;; truncate -s 0 $1")
    }

    /// What was written meanwhile may be gone.
    func allowReads() throws { try run("cat $1.saved > $1") }

    /// Whether this machine's kernel does.
    static func canRefuseReads() async throws -> Bool {
        guard isPossible else { return false }
        let isRefused = Mutex(false)
        try await with { disk in
            try disk.refuseReads()
            isRefused.withLock { $0 = (try? disk.run("cat $2/probe")) == nil }
        }
        return isRefused.withLock(\.self)
    }

    /// A child of this thread sees what it sees.
    private func run(_ script: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-ec", "exec >&2; PATH=$PATH:/sbin:/usr/sbin; " + script, "sh", image, path]
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(script): \(said)")
    }
}
