internal import Connections
internal import SaltBus

/// `ops/events.md`: the tables of the code as a page.
enum SchemaMarkdown {
    static func text(of schemas: [EventSchema]) -> String {
        head + kinds + schemas.map(section).joined()
    }

    private static let head = """
        # Events

        Written by `virt-aggregator schema --docs`; change the code, not this page. `virt-aggregator schema` prints the same
        as JSON Schema (form \(EventSchema.version)), with examples, and `schema domain/lifecycle` that of one event.

        Every event has `event`, `relay` and `_stamp`; those of a host have `host`, and `labels` when there are some; those of
        libvirt's have `uri` and the object they are about. The README tells about these; below stands what is an event's own.
        A copy that somebody asked for with `replay` has `relay.replay: true`, and the `relay.id` of the first time. An event that
        nobody told, because it fell into a gap, has `relay.synthetic` with `basis`, `from` and `to`. A number that libvirt has
        no name for is `unknown-<n>`. Keys may be added to any object.

        ## libvirt's ids


        """

    private static var kinds: String {
        let twoForms = EventKind.table.filter { $0.olderForm != nil }
        let newer = twoForms.map { "\($0.object.rawValue) \($0.id)" }.joined(separator: " or ")
        let older = twoForms.compactMap { $0.olderForm.map { "\($0.id)" } }.joined(separator: " or ")
        let rows = [KindRow.head.map { $0.lowercased() }, KindRow.head.map { _ in "---" }] + KindRow.all.map(\.cells)
        return rows.map { "| \($0.joined(separator: " | ")) |\n" }.joined() + """

            `engine`: whether Salt's engine `libvirt_events` relays it. A host that refuses \(newer) is asked for \(older) instead,
            the older forms. A kind that is newer than the libvirt library here, or than a host's, is missing on that
            host, which `host/up` and `hosts show` say.

            """
    }

    private static func section(_ schema: EventSchema) -> String {
        var shared: Set = ["host", "labels", "relay", "_stamp"]
        if schema.isOfLibvirt { shared.insert("uri") }
        let rows = schema.fields.filter { !shared.contains($0.key) }
            .map { "| `\($0.key)` | \($0.type.brief) | \($0.about) |\n" }
        return "\n## \(schema.path)\n\n\(schema.about.prefix(1).uppercased())\(schema.about.dropFirst()).\n\n"
            + "| key | value | |\n|---|---|---|\n" + rows.joined()
    }
}
