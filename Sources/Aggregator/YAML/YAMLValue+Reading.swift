/// Readers report what is wrong and return `nil`, so that one mistake never hides the next.
extension YAMLValue {
    /// The entries of a mapping whose keys are the operator's own.
    ///
    /// A key that is written again is an error; its first value holds. Nothing at all is an empty mapping. Messages call
    /// the mapping `name`.
    func entries(of name: String, report: inout DiagnosticReport) -> [YAMLEntry]? {
        if isNull { return [] }
        guard case .mapping(let entries) = content else {
            wrongType(name, expected: "a mapping", hint: "write key: value lines below \(name)", report: &report)
            return nil
        }
        var first: [String: Position] = [:]
        return entries.filter { entry in
            if let earlier = first[entry.key] {
                report.error(
                    .duplicateKey,
                    at: entry.position,
                    "\(entry.key.quoted) is written twice",
                    hint: "remove it here or on line \(earlier.line)"
                )
                return false
            }
            first[entry.key] = entry.position
            return true
        }
    }

    /// The entries of a mapping by key.
    ///
    /// A key that is not one of `keys` is an error. Messages call the mapping `name`.
    func entries(of name: String, keys: [String], report: inout DiagnosticReport) -> [String: YAMLEntry]? {
        guard let entries = entries(of: name, report: &report) else { return nil }
        var known: [String: YAMLEntry] = [:]
        for entry in entries {
            if keys.contains(entry.key) {
                known[entry.key] = entry
            } else {
                report.error(
                    .unknownKey,
                    at: entry.position,
                    "\(entry.key.quoted) is no key of \(name)",
                    hint: Vocabulary(words: keys).hint(for: entry.key)
                )
            }
        }
        return known
    }

    /// The items of a list, which messages call `name`.
    func items(of name: String, report: inout DiagnosticReport) -> [YAMLValue]? {
        guard case .list(let items) = content else {
            wrongType(name, expected: "a list", hint: "write [first, second]", report: &report)
            return nil
        }
        return items
    }

    /// The value a scalar's text means; messages name it by its key.
    func parsed<Value>(
        as parser: ValueParser<Value>,
        name: String,
        report: inout DiagnosticReport
    ) -> Value? {
        guard case .scalar(let text, _) = content, !isNull else {
            wrongType(name, expected: parser.kind, hint: parser.hint, report: &report)
            return nil
        }
        do throws(MalformedValue) {
            return try parser.parse(text)
        } catch {
            report.error(error.code, at: position, "\(name): \(error.message)", hint: error.hint)
            return nil
        }
    }

    private func wrongType(_ name: String, expected: String, hint: String, report: inout DiagnosticReport) {
        report.error(
            isNull ? .missingValue : .wrongType,
            at: position,
            "\(name) must be \(expected), found \(found)",
            hint: hint
        )
    }
}
