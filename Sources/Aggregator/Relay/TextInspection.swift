internal import Connections
internal import SaltBus

/// Looks through the texts of an event of our own, as ``FieldCopy`` does with libvirt's: a message may be a host's words.
struct TextInspection {
    private(set) var marks = TextMarks()
    private var left = EventLimits.texts

    /// The fields with what is too long cut.
    mutating func look(through fields: [DataField]) -> [DataField] {
        fields.map { DataField($0.key, look(at: $0.value, place: "/" + $0.key.pointerToken)) }
    }

    private mutating func look(at value: MessagePackValue, place: String) -> MessagePackValue {
        switch value {
        case .string(let text):
            let cut = text.prefix(bytes: min(EventLimits.text, left))
            left -= cut.utf8.count
            if cut.utf8.count < text.utf8.count { marks.truncated.append(place) }
            // U+FFFD in a text of ours stands for bytes of somebody's message that were no UTF-8.
            if cut.isUnsafe || cut.unicodeScalars.contains("\u{FFFD}") { marks.unsafe.append(place) }
            return .string(cut)
        case .array(let items):
            return .array(items.enumerated().map { look(at: $1, place: "\(place)/\($0)") })
        case .map(let entries):
            return .map(
                entries.map { entry in
                    guard case .string(let key) = entry.key else { return entry }
                    return .init(key: entry.key, value: look(at: entry.value, place: place + "/" + key.pointerToken))
                }
            )
        default: return value
        }
    }
}

extension String {
    /// The text as a token of a JSON pointer (RFC 6901).
    var pointerToken: String {
        var token = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "~": token += "~0"
            case "/": token += "~1"
            default: token.unicodeScalars.append(scalar)
            }
        }
        return token
    }
}
