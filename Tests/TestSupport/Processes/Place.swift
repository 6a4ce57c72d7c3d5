import Foundation

/// Where a process of a test runs: on this machine as it is, or in namespaces in which a part of it is the test's own.
package struct Place: Sendable {
    /// This machine, as it is.
    package static let here = Place()

    /// What to put before a command to run it there; the command keeps its pid.
    let prefix: [String]

    /// Whether its network is another one than that of the tests.
    let isElsewhere: Bool

    /// Whether its files are others than those of the tests, but for those below `/tmp`.
    let hasOwnFiles: Bool

    /// Held, because a namespace ends with its last process.
    private let holders: [RunningProcess]

    private init() {
        prefix = []
        isElsewhere = false
        hasOwnFiles = false
        holders = []
    }

    /// The network of a process, which lives as long as this value.
    init(networkOf holder: RunningProcess) {
        prefix = ["nsenter", "--net=/proc/\(holder.pid)/ns/net", "--"]
        isElsewhere = true
        hasOwnFiles = false
        holders = [holder]
    }

    /// The network that a child of `holder` is in.
    init(networkOf pid: pid_t, heldBy holder: RunningProcess) {
        prefix = ["nsenter", "--net=/proc/\(pid)/ns/net", "--"]
        isElsewhere = true
        hasOwnFiles = false
        holders = [holder]
    }

    /// The mounts of a process, and its network where that is another one than ours.
    init(mountsOf holder: RunningProcess, withNetwork: Bool) {
        let network = withNetwork ? ["--net=/proc/\(holder.pid)/ns/net"] : []
        prefix = ["nsenter", "--mount=/proc/\(holder.pid)/ns/mnt"] + network + ["--"]
        isElsewhere = withNetwork
        hasOwnFiles = false
        holders = [holder]
    }

    private init(_ place: Place, adding prefix: [String], hasOwnFiles: Bool = false) {
        self.prefix = place.prefix + prefix
        isElsewhere = place.isElsewhere
        self.hasOwnFiles = place.hasOwnFiles || hasOwnFiles
        holders = place.holders
    }

    /// The same place, where files or folders of ours stand over those of the machine.
    ///
    /// `pairs` maps each path of the machine to what is seen there instead. Needs root.
    package func showing(_ pairs: [String: String]) -> Place {
        let bind = """
            while [ "$1" != -- ]; do
                if [ -d "$2" ]; then mkdir -p "$1"; fi
                mount --bind "$2" "$1"
                shift 2
            done
            shift
            exec "$@"
            """
        let wrapper = ["unshare", "--mount", "--propagation", "private", "--", "sh", "-ec", bind, "sh"]
        let paths = pairs.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] }
        return Place(self, adding: wrapper + paths + ["--"])
    }

    /// The same place with the files of another system, which are in `root`, and the folders of tests among them.
    ///
    /// What is mounted for a process ends with it. Needs root.
    package func within(root: String) -> Place {
        // The root is a mount of its own, or those in it could not be made private once more.
        let enter = """
            mount --bind "$1" "$1"
            for name in proc dev tmp; do mount --rbind "/$name" "$1/$name"; done
            exec chroot "$@"
            """
        let wrapper = ["unshare", "--mount", "--propagation", "private", "--", "sh", "-ec", enter, "sh", root]
        return Place(self, adding: wrapper, hasOwnFiles: true)
    }
}
