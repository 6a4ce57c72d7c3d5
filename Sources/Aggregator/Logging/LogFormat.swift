/// How a log record becomes a line.
enum LogFormat: Equatable, Sendable {
    case text(colored: Bool)
    case json

    /// The format an operator asked for; `auto` is text with colours on a terminal, else JSON.
    init(_ wanted: Settings.Log.Format, isTerminal: Bool) {
        switch wanted {
        case .text: self = .text(colored: isTerminal)
        case .auto where isTerminal: self = .text(colored: true)
        case .auto, .json: self = .json
        }
    }
}
