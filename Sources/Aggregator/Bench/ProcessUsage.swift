internal import Glibc

/// What this process has used so far.
struct ProcessUsage {
    /// User and system time of all threads, in microseconds.
    let cpu: Double

    /// The most memory it ever held, in bytes.
    let peakMemory: Int

    static var now: ProcessUsage {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let seconds = Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
        return ProcessUsage(
            cpu: seconds * 1e6 + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec),
            // The kernel counts in KiB here.
            peakMemory: Int(usage.ru_maxrss) << 10
        )
    }
}
