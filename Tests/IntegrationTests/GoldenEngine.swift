import Foundation
import TestSupport

/// What Salt's engine made of a list of virsh commands; `Fixtures/README.md` tells how it came about.
struct GoldenEngine {
    struct Step: Sendable {
        /// In virsh's own notation, with its quotes.
        let command: String
        let exitCode: Int32
        /// What virsh said on stderr.
        let message: String
        let events: [Event]
    }

    struct Event: Sendable, Hashable {
        /// The tag's last two segments, object and event.
        let tagTail: String
        /// Without `_stamp`, and without `uri`: both are the recording's own.
        let data: [String: JSONValue]
    }

    let steps: [Step]

    /// The folder of the fixture, which commands must not write in: ``copyLab(to:)``.
    private static let folder = Bundle.module.bundlePath + "/Fixtures/engine"

    static func load() throws -> GoldenEngine {
        let data = try Data(contentsOf: URL(fileURLWithPath: folder + "/engine-3007.15.jsonl"))
        return GoldenEngine(
            steps: try data.split(separator: UInt8(ascii: "\n")).map { try step(of: JSONValue(parsing: Data($0))) }
        )
    }

    /// Copies the files that the commands name, for an unprivileged daemon to write beside; gives the working folder.
    static func copyLab(to folder: TemporaryFolder) throws -> String {
        try folder.makeFolder("lab")
        for name in try FileManager.default.contentsOfDirectory(atPath: self.folder + "/lab") {
            try folder.write(
                try String(contentsOfFile: self.folder + "/lab/\(name)", encoding: .utf8),
                to: "lab/\(name)"
            )
        }
        try folder.give(to: .unprivileged)
        return folder.path
    }

    private static func step(of line: JSONValue) throws -> Step {
        guard let command = line["virsh"]?.string, let code = line["rc"]?.integer, let message = line["stderr"]?.string,
            let events = line["events"]?.array
        else { throw Malformed(line: line) }
        return Step(
            command: command,
            exitCode: Int32(code),
            message: message,
            events: try events.map { try event(of: $0, in: line) }
        )
    }

    private static func event(of value: JSONValue, in line: JSONValue) throws -> Event {
        guard let tag = value["tag"]?.string, var data = value["data"]?.object else { throw Malformed(line: line) }
        data["_stamp"] = nil
        data["uri"] = nil
        return Event(tagTail: tag.split(separator: "/").suffix(2).joined(separator: "/"), data: data)
    }

    struct Malformed: Error {
        let line: JSONValue
    }
}
