import Foundation

/// Where a service runs that a test kills and starts again: a disk of its own that outlives it, and, if wanted, a network
/// of its own with cables to another one.
///
/// Nothing that is sent in it leaves it. It ends with this object and the processes in it. Needs root.
package final class PrivateSite: Sendable {
    /// Where the service runs.
    package let place: Place

    /// The far end of the cables, for daemons; without cables this machine.
    package let far: Place

    /// The folder whose disk is this site's; from elsewhere it is seen empty.
    package let disk: TemporaryFolder

    private let holder: RunningProcess

    /// What the disk is: one in memory, or one whose writers can be kept waiting.
    package enum Disk: String, Sendable { case tmpfs, ext4 }

    /// Whether this machine can have a disk of ext4.
    package static var canHang: Bool {
        let needed = ["/dev/loop-control", "/dev/loop0", "/sbin/mkfs.ext4", "/sbin/fsfreeze"]
        return geteuid() == 0 && needed.allSatisfy { access($0, F_OK) == 0 }
    }

    /// - Parameters:
    ///   - bytes: The size of the disk.
    ///   - kind: What the disk is. The default is in memory.
    ///   - cables: How many there are; with none the network is this machine's.
    package init(bytes: Int, kind: Disk = .tmpfs, cables: Int = 0) async throws {
        disk = try TemporaryFolder()
        let folder = try TemporaryFolder()
        let holder = try RunningProcess(
            ["unshare", "--mount", "--propagation", "private"] + (cables > 0 ? ["--net"] : []) + [
                "--", "sh", Scripts.path("site.sh"), disk.path, "\(bytes)", "\(cables)", kind.rawValue,
            ],
            name: "site",
            in: folder
        )
        self.holder = holder
        let words = try await eventually("the site is there", within: .seconds(60), detail: { holder.log }) {
            if !holder.isRunning { throw CommandFailed(result: CommandResult(of: holder)) }
            let text = try String(contentsOfFile: holder.output, encoding: .utf8)
            return text.hasSuffix("\n") ? text.split(whereSeparator: \.isWhitespace) : nil
        }
        place = Place(mountsOf: holder, withNetwork: cables > 0)
        far = words.count > 1 ? Place(networkOf: pid_t(words[1]) ?? 0, heldBy: holder) : .here
    }

    /// The address of a cable's far end.
    package static func address(_ cable: Int) -> String { "10.77.\(cable).2" }

    /// Has a cable swallow every packet, in both directions: to each end it seems as if the other were somebody else.
    package func cut(_ cable: Int) async throws {
        let stranger = ["lladdr", "02:00:00:00:00:99", "nud", "permanent"]
        try await neighbour(["replace"], cable, stranger)
    }

    package func mend(_ cable: Int) async throws {
        try await neighbour(["del"], cable, [])
    }

    private func neighbour(_ verb: [String], _ cable: Int, _ rest: [String]) async throws {
        for (place, address, device) in [(place, "10.77.\(cable).2", "near"), (far, "10.77.\(cable).1", "far")] {
            let command = ["ip", "neighbour"] + verb + [address, "dev", "\(device)\(cable)"] + rest
            try await run(command, at: place).checked()
        }
    }

    /// Takes all that is free on the disk, as somebody else's file would, and what is held in reserve there.
    package func fillDisk() async throws {
        unlink("\(path)/reserve")
        for (name, block) in [("filler", "64k"), ("filler2", "512")] {
            _ = try await run(["dd", "if=/dev/zero", "of=\(path)/\(name)", "bs=\(block)"])
        }
    }

    package func clearDisk() {
        for name in ["filler", "filler2"] {
            // Somebody may have it open for a moment still.
            truncate("\(path)/\(name)", 0)
            unlink("\(path)/\(name)")
        }
    }

    /// Keeps whoever writes to the disk waiting until `body` has returned; one of ext4 can do that.
    ///
    /// No process ends that waits for a disk, so it is let go however this process ends: by one in a session of its own,
    /// once a folder is gone that is removed in any case, and after two minutes at the latest.
    package func whileDiskHangs(
        isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        let keeper = "n=0; while [ -d $1 ] && [ $n -lt 240 ]; do sleep 0.5; n=$((n + 1)); done; fsfreeze --unfreeze $0"
        let script = "PATH=$PATH:/sbin; fsfreeze --freeze $0; setsid sh -c '\(keeper)' $0 $1 > /dev/null 2>&1 &"
        try await run(["sh", "-ec", script, disk.path, folder.path], at: place).checked()
        try await body()
        withExtendedLifetime(folder) {}
    }

    /// The disk, as seen from here.
    private var path: String { "/proc/\(holder.pid)/root\(disk.path)" }
}
