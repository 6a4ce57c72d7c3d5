/// The short names for URIs in libvirt's own configuration: `uri_aliases = ["name=uri", …]`.
///
/// Only this setting is read, and what is no such list is none. See <https://libvirt.org/uri.html#uri-aliases>.
struct LibvirtAliases: Sendable {
    /// The first URI of each name, as libvirt takes it.
    private(set) var targets: [String: String] = [:]

    /// Whether a text could be an alias: no URI is without a colon.
    static func isName(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { $0.isLetterOrDigit || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") }
    }

    init(_ text: String) {
        var scanner = Scanner(rest: text.unicodeScalars[...])
        while let name = scanner.nextSetting() {
            let values = scanner.values()
            guard name == "uri_aliases" else { continue }
            for value in values {
                let sides = value.split(separator: "=", maxSplits: 1)
                guard sides.count == 2 else { continue }
                if targets[String(sides[0])] == nil { targets[String(sides[0])] = String(sides[1]) }
            }
        }
    }

    /// Those of the machine; none where its configuration cannot be read.
    init(of machine: LocalMachine, files: FileSource) {
        let bytes = machine.libvirtConf.flatMap { try? files.contents($0) } ?? []
        self.init(bytes.count <= YAMLDocument.sizeLimit ? String(decoding: bytes, as: UTF8.self) : "")
    }
}

extension LibvirtAliases {
    /// libvirt's configuration syntax: `name = value` lines whose values are texts, numbers or lists of them.
    private struct Scanner {
        var rest: Substring.UnicodeScalarView

        /// The name of the next setting, with its `=` behind it; `nil` at the end.
        mutating func nextSetting() -> String? {
            while true {
                skipBlank()
                guard !rest.isEmpty else { return nil }
                let name = rest.prefix { $0 == "_" || $0.properties.isAlphabetic || $0.properties.numericType != nil }
                guard !name.isEmpty else {
                    skipLine()
                    continue
                }
                rest = rest[name.endIndex...]
                skipBlank()
                guard rest.first == "=" else { continue }
                rest.removeFirst()
                return String(name)
            }
        }

        /// The texts of a value.
        mutating func values() -> [String] {
            skipBlank()
            guard rest.first == "[" else { return text().map { [$0] } ?? [] }
            rest.removeFirst()
            var texts: [String] = []
            while true {
                skipBlank()
                guard let next = rest.first, next != "]" else {
                    rest = rest.dropFirst()
                    return texts
                }
                if let text = text() { texts.append(text) } else { rest.removeFirst() }
            }
        }

        /// A text in quotes; one that is not closed ends everything.
        private mutating func text() -> String? {
            guard let quote = rest.first, quote == "\"" || quote == "'" else { return nil }
            let text = rest.dropFirst().prefix { $0 != quote }
            rest = rest[text.endIndex...].dropFirst()
            return String(text)
        }

        private mutating func skipBlank() {
            while let next = rest.first {
                if next == "#" {
                    skipLine()
                } else if next.properties.isWhitespace || next == "," {
                    rest.removeFirst()
                } else {
                    return
                }
            }
        }

        private mutating func skipLine() {
            rest = rest.drop { $0 != "\n" }
        }
    }
}
