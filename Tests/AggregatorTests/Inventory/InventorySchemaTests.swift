import Foundation
import TestSupport
import Testing

@testable import Aggregator

/// Holds `inventory/inventory.schema.json`, which editors read, to what the code accepts.
@Suite struct InventorySchemaTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../inventory")

    private let check: SchemaCheck

    init() throws {
        check = try SchemaCheck(Self.folder.appending(path: "inventory.schema.json"))
    }

    private func value(_ text: String) throws -> YAMLValue {
        var report = DiagnosticReport()
        return try #require(YAMLDocument(file: "f").value(of: Array(text.utf8), report: &report))
    }

    private func keys(_ schema: JSONValue?) -> Set<String> {
        Set(schema?["properties"]?.object?.keys.map(\.self) ?? [])
    }

    @Test("the schema has the keys that the reader takes, and no others")
    func sameKeys() {
        let definitions = check.schema["$defs"]
        #expect(keys(check.schema) == Set(InventoryKey.Section.allCases.map(\.rawValue)))
        #expect(keys(check.schema["properties"]?["defaults"]) == Set(InventoryKey.defaults))
        #expect(keys(definitions?["host"]) == Set(InventoryKey.host))
        #expect(keys(definitions?["group"]) == Set(InventoryKey.group))
        #expect(keys(definitions?["ssh"]) == Set(InventoryKey.SSH.allCases.map(\.rawValue)))
        #expect(keys(definitions?["tls"]) == Set(InventoryKey.TLS.allCases.map(\.rawValue)))
        #expect(
            definitions?["tag_layout"]?["enum"]?.array?.compactMap(\.string) == TagLayout.allCases.map(\.rawValue)
        )
        #expect(keys(definitions?["keepalive"]) == Set(InventoryKey.Keepalive.allCases.map(\.rawValue)))
    }

    @Test("the schema has the filters that the reader takes, and their negations")
    func sameFilters() {
        let words = FilterWord.known.map(\.path)
        #expect(
            check.schema["$defs"]?["filters"]?["items"]?["enum"]?.array?.compactMap(\.string)
                == words + words.map { "!\($0)" }
        )
    }

    @Test("the example is valid, and its first line tells editors where the schema is")
    func example() throws {
        let text = try String(contentsOf: Self.folder.appending(path: "example.yaml"), encoding: .utf8)
        #expect(text.hasPrefix("# yaml-language-server: $schema=inventory.schema.json\n"))
        #expect(check.problems(of: try value(text)) == [])
    }

    @Test(
        "what the reader takes is valid",
        arguments: [
            "hosts: {a: qemu:///system, '0': {uri: 'lxc:///'}}",
            "hosts: {a: {uri: 'lxc:///', labels: {a: 1, b: x, c: true, d: 1.5}, keepalive: {interval: 5s, count: 1}}}",
            "defaults:\nhosts: {a: {uri: 'lxc:///', labels: , keepalive: }}\ngroups:",
            "groups: {g: {hosts: [{a: 'qemu:///system'}]}}",
            "groups: {g: {uri: 'qemu://{name}/', hosts: [99, '[00-09]', 'k[a,b-d]-[1,2].x', {'k[1-2]': }]}}",
            "hosts: {a: {uri: 'qemu+ssh://a/', user: salt, port: 22, ssh: {key: /k/a, known_hosts: /k/b, jump: 'a@b:1'}}}",
            "hosts: {a: {uri: 'qemu+ssh://a/', ssh: {jump: '[::1]:22'}}}",
            "defaults: {ssh: , tls: {pki: /p}, auth: /a, allow_ext: false, tag_layout: engine}\nhosts: {a: 'lxc:///'}",
            "hosts: {a: {uri: 'lxc:///', domains: ['*-prod', 'db[1-3]', 7], down_grace: 30s}}",
            "defaults: {tag_prefix: a/b.c, filters: [all, '!host', host/up]}\nhosts: {a: 'lxc:///'}",
        ]
    )
    func valid(text: String) throws {
        _ = try InventoryLoader(files: .memory(["f": text])).load(path: "f")
        #expect(check.problems(of: try value(text)) == [])
    }

    @Test(
        "what the reader refuses for its form is not",
        arguments: [
            "host: {}", "defaults: {uri: 'lxc:///'}", "hosts: [a]",
            "hosts: {aggregator: 'lxc:///'}", "hosts: {a b: 'lxc:///'}", "hosts: {a: {uri: 'lxc:///', shh: {}}}",
            "hosts: {a: {uri: 'lxc:///', ssh: {keys: /k}}}", "hosts: {a: {uri: 'lxc:///', tls: {pki: '~/pki'}}}",
            "hosts: {a: {uri: 'lxc:///', port: 0}}", "hosts: {a: {uri: 'lxc:///', user: -l}}",
            "hosts: {a: {uri: 'lxc:///', auth: a}}", "hosts: {a: {uri: 'lxc:///', tag_layout: salt}}",
            "hosts: {a: {uri: 'lxc:///', domains: []}}", "hosts: {a: {uri: 'lxc:///', domains: [[a]]}}",
            "hosts: {a: {uri: 'lxc:///', down_grace: 5}}", "hosts: {a: {uri: 'lxc:///', allow_ext: maybe}}",
            "hosts: {a: {uri: 'lxc:///', ssh: {key: '/a b'}}}", "hosts: {a: {uri: 'lxc:///', ssh: {jump: '-x'}}}",
            "hosts: {a: {uri: 'lxc:///', filters: [domian]}}", "hosts: {a: {uri: 'lxc:///', filters: []}}",
            "hosts: {a: {uri: 'lxc:///', labels: {1a: x}}}", "hosts: {a: {uri: 'lxc:///', labels: {a: [x]}}}",
            "hosts: {a: {uri: 'lxc:///', keepalive: {interval: 5}}}",
            "hosts: {a: {uri: 'lxc:///', keepalive: {count: 101}}}",
            "hosts: {a: {uri: 'lxc:///', tag_prefix: /a}}", "groups: {g: {uri: 'lxc:///'}}",
            "groups: {g: {uri: 'lxc:///', hosts: []}}", "groups: {g: {uri: 'lxc:///', hosts: [[a]]}}",
            "groups: {g: {uri: 'lxc:///', hosts: ['k[1-']}}", "groups: {g: {uri: 'lxc:///', hosts: ['k[1,]']}}",
            "groups: {g: {uri: 'lxc:///', hosts: [{a: {}, b: {}}]}}", "groups: {g h: {uri: 'lxc:///', hosts: [a]}}",
        ]
    )
    func invalid(text: String) throws {
        #expect(throws: ConfigurationErrors.self) {
            try InventoryLoader(files: .memory(["f": text])).load(path: "f")
        }
        #expect(check.problems(of: try value(text)) != [])
    }
}
