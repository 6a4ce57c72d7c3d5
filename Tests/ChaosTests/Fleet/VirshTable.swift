import TestSupport

/// What virsh says there is on a host: the judge of every state.
enum VirshTable {
    private static let commands: [String] = [
        "list --all --uuid --name", "list --all --persistent --uuid", "list --all --state-running --uuid",
        "list --all --state-paused --uuid", "list --all --state-shutoff --uuid",
        "net-list --all --uuid", "net-list --all --name", "net-list --all --persistent --uuid", "net-list --uuid",
        "pool-list --all --uuid --name", "pool-list --all --persistent --uuid", "pool-list --uuid",
    ]

    /// Asks when nothing happens there: it is more than one call.
    static func read(_ daemon: PrivateLibvirtd, _ driver: PrivateLibvirtd.Driver) async throws -> ObjectTable {
        let result = try await Virsh.script(commands, on: daemon, driver: driver)
        return try table(Transcript(result.output).answers.map(\.lines))
    }

    /// - Parameter answers: To each command the lines.
    static func table(_ answers: [[String]]) throws -> ObjectTable {
        guard answers.count == commands.count else { throw Unreadable(text: "\(answers)") }
        var table: ObjectTable = [:]
        let sets = answers.map(Set.init)
        func add(_ object: ObjectClass, _ uuid: String, _ name: String, persistent: Int, state: String) {
            table[ObjectName(object: object, uuid: uuid)] = ObjectFacts(
                name: name,
                persistent: sets[persistent].contains(uuid),
                state: state
            )
        }
        for (uuid, name) in answers[0].map(pair) {
            let state =
                sets[2].contains(uuid)
                ? "running" : sets[3].contains(uuid) ? "paused" : sets[4].contains(uuid) ? "shutoff" : "other"
            add(.domain, uuid, name, persistent: 1, state: state)
        }
        guard answers[5].count == answers[6].count else { throw Unreadable(text: "\(answers[5]) \(answers[6])") }
        for (uuid, name) in zip(answers[5], answers[6]) {
            add(.network, uuid, name, persistent: 7, state: sets[8].contains(uuid) ? "active" : "inactive")
        }
        for (uuid, name) in answers[9].map(pair) {
            add(.pool, uuid, name, persistent: 10, state: sets[11].contains(uuid) ? "active" : "inactive")
        }
        return table
    }

    private static func pair(_ line: String) -> (String, String) {
        let words = line.split(separator: " ", maxSplits: 1).map(String.init)
        return (words.first ?? "", words.count > 1 ? words[1].trimmingSuffix(while: \.isWhitespace) : "")
    }

    struct Unreadable: Error {
        let text: String
    }
}

/// What a virsh that reads its commands from a pipe has printed: each command after a prompt, and then its answer.
struct Transcript {
    struct Answer {
        let command: String
        let lines: [String]

        var isError: Bool { lines.contains { $0.hasPrefix("error:") } }
    }

    /// Those to which another prompt has followed.
    let answers: [Answer]

    init(_ text: String) {
        let pieces = text.split(separator: "virsh # ", omittingEmptySubsequences: false).dropFirst().dropLast()
        answers = pieces.map { piece in
            let lines = piece.split(separator: "\n").map(String.init)
            return Answer(command: lines.first ?? "", lines: Array(lines.dropFirst()))
        }
    }
}

extension String {
    fileprivate func trimmingSuffix(while matches: (Character) -> Bool) -> String {
        var text = self[...]
        while let last = text.last, matches(last) { text.removeLast() }
        return String(text)
    }
}
