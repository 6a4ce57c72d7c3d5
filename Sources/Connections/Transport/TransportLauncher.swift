internal import Glibc

/// The other life of this service's binary: started by libvirt through a ``TransportFolder``'s link, it leaves its pid
/// there and becomes ssh, or the command of an `ext` URI.
package enum TransportLauncher {
    /// Becomes the transport if this process was started as one; returns at once if it was not.
    ///
    /// To be called before anything else is done. A transport that cannot be started ends the process with 127 and a
    /// line on standard error, which libvirt passes on.
    package static func becomeTransportIfAsked() {
        let arguments = CommandLine.arguments
        let parts = (arguments.first ?? "").split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count >= 3, parts[parts.count - 3] == TransportFolder.parentName, let name = parts.last else {
            return
        }
        let folder = parts.dropLast().joined(separator: "/")
        let rest = Array(arguments.dropFirst())
        switch name {
        case "ssh":
            let configuration = "\(folder)/ssh_config"
            guard let jump = FirstLine.read(configuration)?.dropFirst() else {
                give(up: "there is no \(configuration)")
            }
            leavePID(in: folder)
            // What ssh says is looked through for reasons.
            setenv("LC_ALL", "C", 1)
            become(["ssh", "-F", configuration] + (jump.isEmpty ? [] : ["-J", String(jump)]) + rest)
        case "ext":
            guard let command = FirstLine.read("\(folder)/command") else { give(up: "there is no \(folder)/command") }
            leavePID(in: folder)
            become([command] + rest)
        default:
            return
        }
    }

    /// Under its own name only once it is whole: the reader may come at any time.
    ///
    /// First the pid, then the look for the mark; whoever aborts does it the other way round, so one sees the other.
    private static func leavePID(in folder: String) {
        // A group of its own, so that what it starts ends with it: a child that keeps its standard error open holds up
        // libvirt, which reads that to its end.
        setpgid(0, 0)
        let line = "\(getpid())\n"
        guard let file = fopen("\(folder)/pid.new", "we") else { give(up: "cannot leave a pid in \(folder)") }
        let isWritten = fputs(line, file) >= 0
        guard fclose(file) == 0, isWritten, rename("\(folder)/pid.new", "\(folder)/pid") == 0 else {
            give(up: "cannot leave a pid in \(folder)")
        }
        if access("\(folder)/\(TransportFolder.abortMark)", F_OK) == 0 { give(up: "nobody waits for it any more") }
    }

    private static func become(_ command: [String]) -> Never {
        // The service ignores it; ssh must not.
        signal(SIGPIPE, SIG_DFL)
        var arguments = command.map { strdup($0) }
        arguments.append(nil)
        if let program = arguments[0] { execvp(program, arguments) }
        give(up: "\(command[0]): \(String(cString: strerror(errno)))")
    }

    private static func give(up why: String) -> Never {
        let message = "cannot start the transport: \(why)\n"
        _ = message.withCString { write(STDERR_FILENO, $0, strlen($0)) }
        _exit(127)
    }
}
