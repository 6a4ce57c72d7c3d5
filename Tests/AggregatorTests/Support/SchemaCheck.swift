import Foundation
import TestSupport

@testable import Aggregator

/// As much of JSON Schema 2020-12 as our schemas need; a keyword it does not know is a problem, too.
struct SchemaCheck {
    let schema: JSONValue

    init(_ file: URL) throws {
        schema = try JSONValue(parsing: Data(contentsOf: file))
    }

    init(text: String) throws {
        schema = try JSONValue(parsing: Data(text.utf8))
    }

    /// What is wrong with a value, by the path to it; none when it is valid.
    func problems(of value: YAMLValue) -> [String] {
        problems(of: value, by: schema, at: "")
    }

    private func problems(of value: YAMLValue, by schema: JSONValue, at path: String) -> [String] {
        (schema.object ?? [:]).flatMap { keyword, rule -> [String] in
            switch keyword {
            case "$schema", "$id", "$defs", "title", "description", "examples": []
            case "$ref": problems(of: value, by: definition(rule), at: path)
            case "anyOf":
                (rule.array ?? []).contains { problems(of: value, by: $0, at: path).isEmpty } ? [] : ["\(path): anyOf"]
            case "oneOf":
                (rule.array ?? []).count { problems(of: value, by: $0, at: path).isEmpty } == 1
                    ? [] : ["\(path): oneOf"]
            case "not": problems(of: value, by: rule, at: path).isEmpty ? ["\(path): not"] : []
            case "properties", "additionalProperties", "propertyNames", "required", "minProperties", "maxProperties":
                object(value, keyword, rule, of: schema, at: path)
            case "items":
                value.list.enumerated().flatMap { problems(of: $1, by: rule, at: "\(path)/\($0)") }
            case _ where holds(value, keyword, rule): []
            default: ["\(path): \(keyword)"]
            }
        }
    }

    /// Keywords that say something of a value without looking at what is in it.
    private func holds(_ value: YAMLValue, _ keyword: String, _ rule: JSONValue) -> Bool {
        let limit = rule.integer.map(Int.init) ?? 0
        switch keyword {
        case "type": return (rule.array ?? [rule]).compactMap(\.string).contains { value.types.contains($0) }
        case "const": return rule.string ?? rule.bool.map { "\($0)" } == value.text
        case "enum": return rule.array?.contains { $0.string == value.text } == true
        case "pattern":
            guard let text = value.text, let pattern = rule.string else { return true }
            return (try? Regex(pattern).firstMatch(in: text)) != nil
        case "minLength": return (value.text?.count ?? limit) >= limit
        case "maxLength": return (value.text?.count ?? limit) <= limit
        case "minItems": return value.list.count >= limit
        case "maxItems": return value.list.count <= limit
        case "minimum": return (value.text.flatMap { Int($0) } ?? limit) >= limit
        case "maximum": return (value.text.flatMap { Int($0) } ?? limit) <= limit
        default: return false
        }
    }

    private func object(
        _ value: YAMLValue,
        _ keyword: String,
        _ rule: JSONValue,
        of schema: JSONValue,
        at path: String
    ) -> [String] {
        guard case .mapping(let entries) = value.content else { return [] }
        let (keys, limit) = (entries.map(\.key), rule.integer.map(Int.init) ?? 0)
        switch keyword {
        case "properties":
            return entries.flatMap { entry in
                rule[entry.key].map { problems(of: entry.value, by: $0, at: "\(path)/\(entry.key)") } ?? []
            }
        case "additionalProperties":
            let others = entries.filter { schema["properties"]?[$0.key] == nil }
            if rule == false { return others.map { "\(path)/\($0.key): \(keyword)" } }
            return others.flatMap { problems(of: $0.value, by: rule, at: "\(path)/\($0.key)") }
        case "propertyNames":
            return entries.flatMap { entry in
                let name = YAMLValue(position: entry.position, content: .scalar(entry.key, isPlain: false))
                return problems(of: name, by: rule, at: "\(path)/\(entry.key)")
            }
        case "required":
            return (rule.array ?? []).compactMap(\.string).filter { !keys.contains($0) }.map { "\(path): no \($0)" }
        default:
            let isRight = keyword == "minProperties" ? keys.count >= limit : keys.count <= limit
            return isRight ? [] : ["\(path): \(keyword)"]
        }
    }

    /// What a `#/$defs/name` leads to; a rule that nothing passes when it leads nowhere.
    private func definition(_ reference: JSONValue) -> JSONValue {
        let token = reference.string?.split(separator: "/").last.map(String.init) ?? ""
        let name = token.replacingOccurrences(of: "~1", with: "/").replacingOccurrences(of: "~0", with: "~")
        return schema["$defs"]?[name] ?? ["$ref to nowhere": true]
    }
}

extension YAMLValue {
    fileprivate var list: [YAMLValue] { if case .list(let items) = content { items } else { [] } }

    fileprivate var text: String? { if case .scalar(let text, _) = content { text } else { nil } }

    /// The types that an editor sees in the value, by the rules of YAML 1.2.
    fileprivate var types: [String] {
        switch content {
        case _ where isNull: ["null"]
        case .scalar(let text, isPlain: true) where Int(text) != nil: ["integer", "number"]
        case .scalar(let text, isPlain: true) where Double(text) != nil: ["number"]
        case .scalar("true", isPlain: true), .scalar("false", isPlain: true): ["boolean"]
        case .scalar: ["string"]
        case .list: ["array"]
        case .mapping: ["object"]
        }
    }
}
