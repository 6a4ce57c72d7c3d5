internal import Connections

extension String {
    /// The text with control and format characters written as `\u{1b}`, so that no input can move a terminal's cursor,
    /// start a new line in a log, or turn round what stands behind it.
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
