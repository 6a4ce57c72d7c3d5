/// One kind of libvirt event: a row of the table that registration, filters, tags, schemas and docs are all made from.
///
/// The names are the public contract. They are those of the Salt engine `libvirt_events`, so that a reactor written for
/// the engine matches ours.
package struct EventKind: Hashable, Sendable {
    /// The class of object an event is about; the last tag segment but one.
    package enum Object: String, CaseIterable, Sendable {
        case domain, network, pool, nodedev, secret
    }

    package let object: Object

    /// The number libvirt knows the kind by; ids are counted per object, from 0.
    package let id: Int32

    /// The last segment of the tag, as the engine names it; two kinds share one where one is the other's older form.
    package let name: String

    /// The libvirt release that introduced the kind.
    package let since: LibvirtVersion

    /// The id of the same event as older hosts have it, which is asked for when the host refuses this one; never both.
    let olderID: Int32?

    /// The kind as filters and tags write it: `object/name`.
    package var path: String { "\(object.rawValue)/\(name)" }

    /// The same event as older hosts have it.
    package var olderForm: EventKind? {
        olderID.flatMap { id in EventKind.table.first { $0.object == object && $0.id == id } }
    }

    /// The kind that says how objects of a class come, go and change.
    package static func lifecycle(of object: Object) -> EventKind {
        switch object {
        case .domain: domainLifecycle
        case .network: networkLifecycle
        case .pool: poolLifecycle
        case .nodedev: nodedevLifecycle
        case .secret: secretLifecycle
        }
    }

    package static func == (left: EventKind, right: EventKind) -> Bool {
        left.object == right.object && left.id == right.id
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(object)
        hasher.combine(id)
    }
}
