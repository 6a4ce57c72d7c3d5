internal import ArgumentParser
internal import SaltBus

/// `schema`: what events there are, and what is in them.
struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schemas of every event, with examples.",
        discussion: """
            Prints one JSON Schema (2020-12) for the data of any event; its $defs have one for each ending of a tag. The number \
            at the end of its $id changes when a key is taken away, renamed, or gets another type.

              virt-aggregator schema domain/io_error     that of one event
              virt-aggregator schema --kinds             libvirt's ids in a table
              virt-aggregator schema --kinds --json      the same for programs
            """
    )

    @Argument(help: ArgumentHelp("The ending of a tag, for example domain/lifecycle.", valueName: "event"))
    var event: String?

    @Flag(help: "Print a row for each of libvirt's event ids instead.")
    var kinds = false

    @Flag(help: "With --kinds: print JSON; schemas are JSON anyway.")
    var json = false

    @Flag(help: "Print the page of all events, in Markdown, instead.")
    var docs = false

    func validate() throws {
        if [kinds, docs, event != nil].count(where: \.self) > 1 {
            throw ValidationError("give one of --kinds, --docs and an event")
        }
        if docs, json { throw ValidationError("--docs prints Markdown; leave --json out") }
        if let event { _ = try Self.schema(of: event) }
    }

    func run() throws {
        if kinds { return try StandardOutput.print(json ? rows : table) }
        if let event { return try print(Self.schema(of: event).document) }
        let schemas = try EventSchema.all()
        if docs { return try StandardOutput.print(SchemaMarkdown.text(of: schemas)) }
        try print(SchemaDocument.value(of: schemas))
    }

    /// The schema of an event given by its tag or the ending of one.
    private static func schema(of event: String) throws -> EventSchema {
        let schemas = try EventSchema.all()
        let tail = event.split(separator: "/").suffix(2).joined(separator: "/")
        if let schema = schemas.first(where: { $0.path == tail }) { return schema }
        let ofObject = schemas.map(\.path).filter { $0.hasPrefix("\(event)/") }
        if !ofObject.isEmpty {
            throw ValidationError("give one of \(ofObject.joined(separator: ", "))")
        }
        let nearest = Vocabulary(words: schemas.map(\.path)).nearest(to: event)
        throw ValidationError(
            "there is no event \(event.printable.quoted); "
                + (nearest.map { "write \($0)" } ?? "schema --docs lists all of them")
        )
    }

    private func print(_ value: MessagePackValue) throws {
        try StandardOutput.print(OrderedJSON.text(of: value, indented: true) + "\n")
    }

    private var rows: String { OrderedJSON.text(of: .array(KindRow.all.map(\.value)), indented: true) + "\n" }

    private var table: String {
        let table = TextTable(head: KindRow.head, rows: KindRow.all.map(\.cells)).lines
        let head = StandardOutput.isTerminal ? "\u{1B}[1m\(table.head)\u{1B}[0m" : table.head
        return ([head] + table.rows).map { $0 + "\n" }.joined()
    }
}
