internal import CLibvirt

extension LibvirtConnection {
    /// What all processors together have done since the host booted, waiting included, by their number.
    ///
    /// See https://libvirt.org/html/libvirt-libvirt-host.html#virNodeGetCPUStats
    func uptime() -> Duration? {
        call { pointer -> Duration? in
            let everyProcessor = Int32(VIR_NODE_CPU_STATS_ALL_CPUS.rawValue)
            var count: Int32 = 0
            var info = virNodeInfo()
            guard virNodeGetCPUStats(pointer, everyProcessor, nil, &count, 0) == 0, 1...32 ~= count,
                virNodeGetInfo(pointer, &info) == 0, info.cpus > 0
            else { return nil }
            var stats = [virNodeCPUStats](repeating: virNodeCPUStats(), count: Int(count))
            guard virNodeGetCPUStats(pointer, everyProcessor, &stats, &count, 0) == 0 else { return nil }
            // A host may say anything.
            let sum = stats.prefix(Int(count)).reduce(0.0) { $0 + Double($1.value) }
            let seconds = sum / 1e9 / Double(info.cpus)
            return seconds < 1e9 ? .seconds(seconds) : nil
        }
    }
}
