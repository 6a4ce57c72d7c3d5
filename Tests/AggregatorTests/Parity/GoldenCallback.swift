import Foundation
import TestSupport

/// A callback of Salt's engine: what libvirt's bindings gave it, and what it put on the bus.
struct GoldenCallback: Sendable {
    /// As tags and filters write it.
    let path: String

    /// libvirt's number for the kind the engine registers.
    let id: Int32

    /// As libvirt-python hands them over.
    let arguments: [JSONValue]
    let tagTail: String
    let data: [String: JSONValue]

    /// `Fixtures/README.md` tells how they came about.
    static let all: [GoldenCallback] = {
        guard let text = try? String(contentsOf: fixture("callbacks-3007.15.jsonl"), encoding: .utf8) else { return [] }
        return text.split(separator: "\n").compactMap { line in
            guard let row = try? JSONValue(parsing: Data(line.utf8)), let path = row["cb"]?.string,
                let id = row["id"]?.integer, let arguments = row["args"]?.array,
                let tag = row["tag"]?.string, let data = row["data"]?.object
            else { return nil }
            let tail = tag.split(separator: "/").suffix(2).joined(separator: "/")
            return GoldenCallback(path: path, id: Int32(id), arguments: arguments, tagTail: tail, data: data)
        }
    }()

    static func fixture(_ name: String) -> URL {
        Bundle.module.bundleURL.appending(path: "Fixtures/\(name)")
    }
}
