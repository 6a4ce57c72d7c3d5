internal import Foundation

/// What a path of the admin interface stands for.
enum AdminRoute: Equatable, Sendable {
    case status
    case hosts
    case host(String)
    case pause(String)
    case resume(String)
    case reload
    case replay
    case stopReplay

    /// A replay or a dry run, by its id.
    case oneReplay(String)

    /// What every path begins with; another version of the contract will have another one.
    static let base = "/api/v1"

    /// `nil` when there is no such thing.
    init?(path: String) {
        guard path.hasPrefix(Self.base + "/") else { return nil }
        // Taken apart before the percent signs are: a slash that is written with one is part of a name.
        let words = path.dropFirst(Self.base.count + 1).split(separator: "/", omittingEmptySubsequences: false)
            .map { $0.removingPercentEncoding ?? String($0) }
        switch (words.first, words.count) {
        case ("status", 1): self = .status
        case ("reload", 1): self = .reload
        case ("replay", 1): self = .replay
        case ("replay", 2) where words[1] == "stop": self = .stopReplay
        case ("replay", 2) where !words[1].isEmpty: self = .oneReplay(words[1])
        case ("hosts", 1): self = .hosts
        case ("hosts", 2) where !words[1].isEmpty: self = .host(words[1])
        case ("hosts", 3) where words[2] == "pause": self = .pause(words[1])
        case ("hosts", 3) where words[2] == "resume": self = .resume(words[1])
        default: return nil
        }
    }

    /// As it stands in a request: a name that is no host's cannot end it and begin another.
    var path: String {
        let tail =
            switch self {
            case .status: "status"
            case .hosts: "hosts"
            case .host(let name): "hosts/\(PercentText.escaped(name))"
            case .pause(let name): "hosts/\(PercentText.escaped(name))/pause"
            case .resume(let name): "hosts/\(PercentText.escaped(name))/resume"
            case .reload: "reload"
            case .replay: "replay"
            case .stopReplay: "replay/stop"
            case .oneReplay(let id): "replay/\(PercentText.escaped(id))"
            }
        return "\(Self.base)/\(tail)"
    }

    /// The methods it has: what asks, what has something done.
    var methods: [String] {
        switch self {
        case .status, .hosts, .host, .oneReplay: ["GET"]
        case .pause, .resume, .reload, .stopReplay: ["POST"]
        case .replay: ["GET", "POST"]
        }
    }
}
