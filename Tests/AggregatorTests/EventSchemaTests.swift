import Connections
import Foundation
import SaltBus
import TestSupport
import Testing

@testable import Aggregator

@Suite("Event schema")
struct EventSchemaTests {
    private let schemas: [EventSchema]
    private let all: SchemaCheck

    init() throws {
        schemas = try EventSchema.all()
        all = try SchemaCheck(text: OrderedJSON.text(of: SchemaDocument.value(of: schemas), indented: true))
    }

    private func value(_ data: MessagePackValue) throws -> YAMLValue {
        var report = DiagnosticReport()
        return try #require(
            YAMLDocument(file: "data").value(of: Array(OrderedJSON.text(of: data).utf8), report: &report),
            "\(report)"
        )
    }

    @Test("every event that goes out has a schema")
    func complete() {
        let paths = schemas.map(\.path)
        #expect(Set(paths).count == paths.count)
        #expect(Set(paths).isSuperset(of: EventKind.table.map(\.path)))
        #expect(
            OwnEvent.descriptions.map(\.name).sorted { $0.rawValue < $1.rawValue }
                == OwnEvent.Name.allCases.sorted { $0.rawValue < $1.rawValue }
        )
        for own in OwnEvent.descriptions where own.object == .host {
            #expect(FilterWord.hostEvents.contains(own.name.rawValue))
        }
    }

    @Test("no kind but these carries nothing beyond its object")
    func plain() {
        let plain = EventKind.table.filter(\.payload.isEmpty)
        #expect(plain == [.domainReboot, .domainControlError, .poolRefresh, .nodedevUpdate, .secretValueChanged])
        #expect(plain == EventKind.table.filter { HostEvent.example(of: $0).payload == .plain })
    }

    @Test("an example is valid by its own schema, by that of all, and by no other's")
    func examples() throws {
        for schema in schemas {
            let own = try SchemaCheck(text: OrderedJSON.text(of: schema.schema))
            for example in schema.examples {
                let value = try value(example)
                #expect(own.problems(of: value) == [], "\(schema.path)")
                #expect(all.problems(of: value) == [], "\(schema.path)")
            }
        }
    }

    @Test("an example has every key of its schema, in its order, and no other")
    func keys() {
        for schema in schemas {
            for example in schema.examples {
                guard case .map(let entries) = example else {
                    Issue.record("no map: \(schema.path)")
                    continue
                }
                let keys = entries.map { if case .string(let key) = $0.key { key } else { "?" } }
                #expect(keys == schema.fields.map(\.key).filter { $0 != "labels" || keys.contains("labels") })
            }
        }
    }

    @Test("a copy that was asked for is valid, with the mark that it has", arguments: [(true, true), (false, false)])
    func replay(mark: Bool, isValid: Bool) throws {
        let schema = try #require(schemas.first { $0.path == "domain/lifecycle" })
        guard case .map(var entries) = schema.examples[0],
            let index = entries.firstIndex(where: { $0.key == .string("relay") }),
            case .map(var relay) = entries[index].value
        else { return #expect(Bool(false)) }
        relay.append(.init(key: .string("replay"), value: .bool(mark)))
        entries[index].value = .map(relay)
        #expect(all.problems(of: try value(.map(entries))).isEmpty == isValid)
    }

    @Test("what lacks a key, or has it in another type, is not valid")
    func invalid() throws {
        for schema in schemas {
            let check = try SchemaCheck(text: OrderedJSON.text(of: schema.schema))
            guard case .map(let entries) = schema.examples[0] else { continue }
            for (index, entry) in entries.enumerated() where entry.key != .string("labels") {
                var missing = entries
                missing.remove(at: index)
                #expect(check.problems(of: try value(.map(missing))) != [], "\(schema.path) \(entry.key)")
                var wrong = entries
                wrong[index].value = .array([.array([])])
                #expect(check.problems(of: try value(.map(wrong))) != [], "\(schema.path) \(entry.key)")
            }
        }
    }

    @Test(
        "a number without a word is valid, a word that libvirt does not have is not",
        arguments: [("reset", true), ("unknown-77", true), ("unknown--1", true), ("explode", false), ("", false)]
    )
    func words(action: String, isValid: Bool) throws {
        let schema = try #require(schemas.first { $0.path == "domain/watchdog" })
        guard case .map(var entries) = schema.examples[0] else { return #expect(Bool(false)) }
        let index = try #require(entries.firstIndex { $0.key == .string("action") })
        entries[index].value = .string(action)
        let check = try SchemaCheck(text: OrderedJSON.text(of: schema.schema))
        #expect(check.problems(of: try value(.map(entries))).isEmpty == isValid)
    }

    @Test("a schema by itself says which it is, and in which form")
    func document() throws {
        let schema = try #require(schemas.first { $0.path == "domain/watchdog" })
        let document = try JSONValue(parsing: Data(OrderedJSON.text(of: schema.document).utf8))
        #expect(document["$schema"] == "https://json-schema.org/draft/2020-12/schema")
        #expect(document["$id"] == "urn:virt-aggregator:events:1:domain/watchdog")
        #expect(all.schema["$id"] == "urn:virt-aggregator:events:1")
    }

    @Test("the page names every key", arguments: try EventSchema.all().map(\.path))
    func pageIsWhole(path: String) throws {
        let schema = try #require(schemas.first { $0.path == path })
        let sections = SchemaMarkdown.text(of: schemas).split(separator: "\n## ")
        let section = try #require(sections.first { $0.hasPrefix(path + "\n") })
        let common: Set = ["host", "labels", "relay", "_stamp"]
        for field in schema.fields where !common.contains(field.key) && !(schema.isOfLibvirt && field.key == "uri") {
            #expect(section.contains("`\(field.key)`"))
        }
    }

    @Test("--kinds has a row for each of libvirt's ids")
    func kinds() throws {
        let rows = try JSONValue(parsing: Data(OrderedJSON.text(of: .array(KindRow.all.map(\.value))).utf8)).array ?? []
        #expect(rows.count == 38)
        let ids = Dictionary(grouping: rows) { $0["object"]?.string ?? "" }.mapValues {
            $0.compactMap { $0["id"]?.integer }
        }
        #expect(
            ids == [
                "domain": Array(0...29), "network": [0, 1], "pool": [0, 1], "nodedev": [0, 1], "secret": [0, 1],
            ]
        )
        #expect(
            rows.allSatisfy {
                Set($0.object?.keys.map(\.self) ?? []) == ["object", "name", "id", "since", "engine", "payload"]
            }
        )
        #expect(rows.count { $0["engine"] == .bool(true) } == 30)
    }

    @Test("ops/events.md is what the code says")
    func page() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appendingPathComponent("ops/events.md"), encoding: .utf8)
        #expect(
            page == SchemaMarkdown.text(of: schemas),
            "write it anew: virt-aggregator schema --docs > ops/events.md"
        )
    }

    @Test(
        "JSON is written as JSON, whatever a text holds",
        arguments: [
            (MessagePackValue.string("a\"\\\n\t\u{1B}\u{202E}\u{7F}ü🙂"), #""a\"\\\n\t\u001b\u202e\u007fü🙂""#),
            (.string("\u{E0001}"), #""\udb40\udc01""#), (.uint(.max), "18446744073709551615"), (.int(-1), "-1"),
            (.double(1.5), "1.5"), (.double(.nan), "null"), (.double(.infinity), "null"), (.array([]), "[]"),
            (.fields([]), "{}"), (.fields([DataField("a", .array([.null, .bool(true)]))]), #"{"a":[null,true]}"#),
            (.binary([1]), "null"),
        ]
    )
    func json(value: MessagePackValue, text: String) throws {
        #expect(OrderedJSON.text(of: value) == text)
        let indented = try JSONDecoder().decode(
            JSONValue.self,
            from: Data(OrderedJSON.text(of: value, indented: true).utf8)
        )
        #expect(indented == (try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))))
    }
}
