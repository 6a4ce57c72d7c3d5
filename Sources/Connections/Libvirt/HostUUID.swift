/// The UUID a hypervisor says it has, in its capabilities: `<capabilities><host><uuid>…</uuid>`.
enum HostUUID {
    /// Finds it; `nil` where there is none or what stands there is no UUID.
    ///
    /// It is the first `uuid` of the document: guests' capabilities have none.
    static func find(in capabilities: String) -> String? {
        guard let start = capabilities.firstRange(of: "<uuid>")?.upperBound,
            let end = capabilities[start...].firstRange(of: "</uuid>")?.lowerBound
        else { return nil }
        let text = capabilities[start..<end]
        let groups = text.split(separator: "-", omittingEmptySubsequences: false).map(\.utf8.count)
        guard groups == [8, 4, 4, 4, 12], text.allSatisfy({ $0 == "-" || $0.isHexDigit }) else { return nil }
        return text.lowercased()
    }
}
