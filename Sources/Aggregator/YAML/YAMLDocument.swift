internal import Yams

/// Turns the bytes of a file into a ``YAMLValue``, or says at which place they are no YAML.
///
/// A file may come from anywhere, so everything about it is bounded: its size, its nesting, and what aliases unfold to.
struct YAMLDocument {
    /// Four hundred times an inventory of a hundred hosts; what is larger is not a configuration.
    static let sizeLimit = 16 << 20

    /// 10,000 hosts with every key written out are about 300,000 values.
    static let valueLimit = 1_000_000

    /// The deepest key there is stands on the fifth level.
    static let depthLimit = 100

    let file: String

    /// The value the file holds; an empty file is an empty mapping.
    ///
    /// `nil` when the report says why there is none.
    func value(of bytes: [UInt8], report: inout DiagnosticReport) -> YAMLValue? {
        guard let text = text(of: bytes, report: &report), YAMLAliases.screen(text, file: file, report: &report)
        else { return nil }
        do {
            var (root, keys) = try composed(text)
            guard let root else { return YAMLValue(position: Position(file: file), content: .mapping([])) }
            return try keys.value(of: root)
        } catch let error as YamlError {
            describe(error, in: text, report: &report)
        } catch let error as YAMLConverter.Failure {
            report.error(error.code, at: error.position, error.message, hint: error.hint)
        } catch {
            report.error(.yamlSyntax, at: Position(file: file), "\(error)", hint: "write YAML")
        }
        return nil
    }

    private func text(of bytes: [UInt8], report: inout DiagnosticReport) -> String? {
        guard bytes.count <= Self.sizeLimit else {
            report.error(
                .fileTooLarge,
                at: Position(file: file),
                "the file has more than 16 MiB",
                hint: "give the configuration file itself"
            )
            return nil
        }
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        let valid = bytes.prefix(validPrefix(of: bytes))
        report.error(
            .invalidText,
            at: position(after: String(decoding: valid, as: UTF8.self)),
            "the text is not UTF-8",
            hint: "save the file as UTF-8"
        )
        return nil
    }

    private func validPrefix(of bytes: [UInt8]) -> Int {
        do {
            _ = try UTF8Span(validating: bytes.span)
            return bytes.count
        } catch {
            return error.byteOffsets.lowerBound
        }
    }

    /// The place of the character that follows `text`.
    private func position(after text: some StringProtocol) -> Position {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        return Position(file: file, line: lines.count, column: (lines.last?.unicodeScalars.count ?? 0) + 1)
    }

    private func describe(_ error: YamlError, in text: String, report: inout DiagnosticReport) {
        switch error {
        case .reader(_, let offset, _, _):
            report.error(
                .invalidText,
                at: position(after: text.prefix(offset ?? 0)),
                "a control character in the text",
                hint: #"remove it, or write it as an escape in double quotes, for example "\n""#
            )
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let message = [problem, context?.text].compactMap(\.self).joined(separator: " ")
            report.error(
                .yamlSyntax,
                at: Position(file: file, line: mark.line, column: mark.column),
                message,
                hint: Self.hint(for: problem)
            )
        case .duplicatedKeysInMapping(let keys, let context):
            report.error(
                .duplicateKey,
                at: Position(file: file, line: context.mark.line, column: context.mark.column),
                "\(keys.first?.quoted ?? "a key") is written twice",
                hint: "keep one of them"
            )
        default:
            report.error(.yamlSyntax, at: Position(file: file), "\(error)", hint: "write YAML")
        }
    }

    /// libyaml says what it found; this says what is mostly meant.
    private static func hint(for problem: String) -> String {
        switch problem {
        case _ where problem.contains("cannot start any token"):
            "indent with spaces, not tabs, and put text that begins with @, ` or % in quotes"
        case _ where problem.contains("nesting"): "no key needs more than a few levels"
        case _ where problem.contains("undefined alias"): "put text that begins with * in quotes"
        case _ where problem.contains("another document"): "write one document in each file, without ---"
        case _ where problem.contains("mapping values are not allowed"):
            "put text with ': ' in quotes, and check the indentation"
        case _ where problem.contains("',' or"): "put text with brackets or braces in quotes, as in [\"kvm[01-40]\"]"
        default: "check indentation, quotes and brackets here and on the line before"
        }
    }
}
