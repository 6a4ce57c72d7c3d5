import Connections
import Foundation
import SaltBus
import TestSupport
import Testing

@testable import Aggregator

@Suite("Event schema")
struct EventSchemaTests {
    private let schemas: [EventSchema]
    private let document: SchemaCheck

    init() throws {
        schemas = try EventSchema.all()
        document = try SchemaCheck(text: OrderedJSON.text(of: SchemaDocument.value(of: schemas), indented: true))
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
            paths.filter { $0.hasPrefix("host/") }.allSatisfy { path in
                FilterWord.hostEvents.contains { "host/\($0)" == path }
            }
        )
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
                #expect(document.problems(of: value) == [], "\(schema.path)")
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

    @Test("a number without a word is valid, another word is not")
    func words() throws {
        let check = try SchemaCheck(
            text: OrderedJSON.text(of: try #require(schemas.first { $0.path == "domain/watchdog" }).schema)
        )
        for (action, isValid) in [(Int32(2), true), (77, true), (-1, true)] {
            let event = HostEvent(
                kind: .domainWatchdog,
                subject: .domain(name: "a", id: 1, uuid: ObjectUUID(bytes: [])),
                payload: .watchdog(action: action),
                observed: .example
            )
            #expect(
                check.problems(of: try value(try EventExample.data(of: HostReport.Body.event(event)))).isEmpty
                    == isValid
            )
        }
        #expect(
            check.problems(of: try value(.fields([DataField("action", "explode")]))).contains { $0.contains("/action") }
        )
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
