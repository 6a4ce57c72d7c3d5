extension String {
    /// The text with control characters written as `\u{1b}`, so that no input can move a terminal's cursor or start a
    /// new line in a log.
    var printable: String {
        guard unicodeScalars.contains(where: \.isControl) else { return self }
        var text = ""
        for scalar in unicodeScalars {
            if scalar.isControl {
                text += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    /// The text in quotes for a message, cut at 64 characters: enough to recognise it by.
    var quoted: String {
        let head = prefix(64)
        return head.endIndex == endIndex ? "'\(self)'" : "'\(head)…'"
    }
}

extension Unicode.Scalar {
    /// C0, DEL, C1, and the two separators that some programs take for the end of a line.
    var isControl: Bool {
        properties.generalCategory == .control || value == 0x2028 || value == 0x2029
    }
}
