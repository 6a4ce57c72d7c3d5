/// What the link in a ``TransportFolder`` turns into when libvirt starts it.
enum TransportRole: Sendable {
    /// ssh with a configuration of ours, and through another host when `jump` is given.
    case ssh(configuration: String, jump: String?)

    /// The command of an `ext` URI.
    case ext(command: String)

    /// Every file a folder may hold beside the pid.
    static let fileNames = ["ssh", "ssh_config", "ext", "command"]

    /// The link's name, by which the program knows what it is.
    var name: String {
        switch self {
        case .ssh: "ssh"
        case .ext: "ext"
        }
    }

    /// The file beside the link.
    var file: String {
        switch self {
        case .ssh: "ssh_config"
        case .ext: "command"
        }
    }

    /// The file's content.
    var text: String {
        switch self {
        // The first line is for the launcher, and a comment for ssh.
        case .ssh(let configuration, let jump): "#\(jump ?? "")\n\(configuration)"
        case .ext(let command): command
        }
    }
}
