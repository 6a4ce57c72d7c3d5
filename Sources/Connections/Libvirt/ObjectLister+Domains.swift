internal import CLibvirt

/// Domains: their statistics say how each is, in one call; where a driver has none, filters do.
extension ObjectLister {
    /// How many domains that are neither running, paused nor off are asked one by one how they are; there are hardly any.
    private static let singleQuestions = 256

    func domains() throws(LibvirtError) -> Listing {
        var parts: [[ListedObject]] = []
        for isPersistent in [true, false] {
            guard let part = try statistics(persistent: isPersistent) else { return try domainsByFilter() }
            parts.append(part)
        }
        return Listing(parts: parts, keys: try domainKeys())
    }

    /// Why a domain is paused that is on its way into life, or here from another host.
    ///
    /// Measured: with a slow start it is so for as long as that takes, and no event comes before the end of it.
    private static let passingReasons = [VIR_DOMAIN_PAUSED_STARTING_UP.rawValue, VIR_DOMAIN_PAUSED_MIGRATION.rawValue]

    /// What the statistics say of the persistent or the transient domains; `nil` when the driver has none, like lxc's, or
    /// is too old for them.
    private func statistics(persistent: Bool) throws(LibvirtError) -> [ListedObject]? {
        // Without waiting for domains that are busy: how they are is known all the same.
        let flags = Self.filter(persistent: persistent) | VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT.rawValue
        var records: UnsafeMutablePointer<virDomainStatsRecordPtr?>?
        let count = virConnectGetAllDomainStats(connection, VIR_DOMAIN_STATS_STATE.rawValue, &records, flags)
        guard count >= 0 else {
            let error = LibvirtError.last()
            guard error.isUnsupported || error.has(VIR_ERR_INVALID_ARG) else { throw error }
            return nil
        }
        defer { virDomainStatsRecordListFree(records) }
        var objects: [ListedObject] = []
        objects.reserveCapacity(Int(count))
        for index in 0..<Int(count) {
            guard let record = records?[index]?.pointee, let domain = record.dom else { continue }
            var state: Int32 = 0
            guard virTypedParamsGetInt(record.params, record.nparams, "state.state", &state) == 1 else { return nil }
            var reason: Int32 = 0
            virTypedParamsGetInt(record.params, record.nparams, "state.reason", &reason)
            // Paused without a word, until it is started or received: what stands in no part is looked at again.
            if state == Int32(VIR_DOMAIN_PAUSED.rawValue), Self.passingReasons.contains(UInt32(bitPattern: reason)) {
                continue
            }
            objects.append(Self.listed(domain, persistent: persistent, ObjectState.Word.ofDomain(state)))
        }
        return objects
    }

    /// Eight calls: one for each state that has a filter, times two, and all at the end.
    ///
    /// A domain that is off is persistent.
    private func domainsByFilter() throws(LibvirtError) -> Listing {
        var parts: [[ListedObject]] = []
        for isPersistent in [true, false] {
            for (filter, word) in Self.filteredStates where isPersistent || word != ObjectState.Word.shutoff {
                let flags = Self.filter(persistent: isPersistent) | filter.rawValue
                let part = try all({ virConnectListAllDomains(connection, $0, flags) }, free: virDomainFree) {
                    Self.listed($0, persistent: isPersistent, word)
                }
                parts.append(part)
            }
            parts.append(try otherDomains(persistent: isPersistent))
        }
        return Listing(parts: parts, keys: try domainKeys())
    }

    /// Domains whose states share one filter.
    ///
    /// Beyond a number of them their states are unknown.
    private func otherDomains(persistent: Bool) throws(LibvirtError) -> [ListedObject] {
        let flags = Self.filter(persistent: persistent) | VIR_CONNECT_LIST_DOMAINS_OTHER.rawValue
        var questions = Self.singleQuestions
        return try all({ virConnectListAllDomains(connection, $0, flags) }, free: virDomainFree) { domain in
            var state: Int32 = 0
            let isAsked = questions > 0
            questions -= 1
            // One that has gone meanwhile is told to have.
            if isAsked, virDomainGetState(domain, &state, nil, 0) < 0 { state = 0 }
            return Self.listed(domain, persistent: persistent, ObjectState.Word.ofDomain(state))
        }
    }

    private func domainKeys() throws(LibvirtError) -> [ObjectKey] {
        try all({ virConnectListAllDomains(connection, $0, 0) }, free: virDomainFree) { Self.named($0).key }
    }

    private static let filteredStates = [
        (VIR_CONNECT_LIST_DOMAINS_RUNNING, ObjectState.Word.running),
        (VIR_CONNECT_LIST_DOMAINS_PAUSED, ObjectState.Word.paused),
        (VIR_CONNECT_LIST_DOMAINS_SHUTOFF, ObjectState.Word.shutoff),
    ]

    /// One value for both functions: the statistics' filters are those of the list.
    private static func filter(persistent: Bool) -> UInt32 {
        (persistent ? VIR_CONNECT_LIST_DOMAINS_PERSISTENT : VIR_CONNECT_LIST_DOMAINS_TRANSIENT).rawValue
    }

    private static func named(_ domain: virDomainPtr) -> Named {
        Named(virDomainGetName(domain)) { virDomainGetUUID(domain, $0) }
    }

    private static func listed(_ domain: virDomainPtr, persistent: Bool, _ word: String) -> ListedObject {
        // A domain has a number while it is active.
        let id = Int32(bitPattern: virDomainGetID(domain))
        return named(domain).listed(
            persistent: persistent,
            active: id != -1,
            id == -1 ? ObjectState.Word.shutoff : word,
            id: id
        )
    }
}
