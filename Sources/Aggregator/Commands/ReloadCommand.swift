internal import ArgumentParser

/// `reload`: has the running service read its inventory again.
struct ReloadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Have the running service read its inventory again.",
        discussion: """
            Waits for it, and prints what has changed, or every mistake that kept it from changing anything. The service does \
            the same by itself when the inventory's files change. Settings are read at the start alone.

            Ends with 0 when the inventory is in force, with 69 when the service cannot be asked, with 78 when the inventory \
            has a mistake.
            """
    )

    @OptionGroup var flags: AdminFlags

    func run() throws {
        try flags.show(try flags.ask(.reload), as: ReloadView.self) { reload in
            for warning in reload.warnings { StandardError.write(warning.text + "\n") }
            return Self.text(reload.difference)
        }
    }

    static func text(_ difference: ReloadDifference) -> String {
        let sorts = [
            ("added", difference.added), ("removed", difference.removed), ("replaced", difference.replaced),
            ("changed", difference.changed),
        ]
        let lines = sorts.filter { !$1.isEmpty }.map { "\($0) \($1.count): \($1.joined(separator: " "))\n" }
        return lines.joined() + "unchanged \(difference.unchanged)\n"
    }
}
