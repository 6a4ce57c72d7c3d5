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
        guard let link = arguments.first, let slash = link.lastIndex(of: "/") else { return }
        let folder = String(link[..<slash])
        let rest = Array(arguments.dropFirst())
        switch link[link.index(after: slash)...] {
        case "ssh":
            let configuration = "\(folder)/ssh_config"
            guard let jump = firstLine(of: configuration)?.dropFirst() else { return }
            leavePID(in: folder)
            // What ssh says is looked through for reasons.
            setenv("LC_ALL", "C", 1)
            become(["ssh", "-F", configuration] + (jump.isEmpty ? [] : ["-J", String(jump)]) + rest)
        case "ext":
            guard let command = firstLine(of: "\(folder)/command") else { return }
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
        guard let file = fopen("\(folder)/pid.new", "we") else { _exit(127) }
        fputs("\(getpid())\n", file)
        fclose(file)
        rename("\(folder)/pid.new", "\(folder)/pid")
        if access("\(folder)/\(TransportFolder.abortMark)", F_OK) == 0 { _exit(127) }
    }

    private static func firstLine(of path: String) -> String? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 4_200)
        guard fgets(&line, Int32(line.count), file) != nil else { return nil }
        return String(decoding: line.prefix { $0 != 0 && $0 != 10 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private static func become(_ command: [String]) -> Never {
        // The service ignores it; ssh must not.
        signal(SIGPIPE, SIG_DFL)
        var arguments = command.map { strdup($0) }
        arguments.append(nil)
        if let program = arguments[0] { execvp(program, arguments) }
        let message = "cannot start \(command[0]): \(String(cString: strerror(errno)))\n"
        _ = message.withCString { write(STDERR_FILENO, $0, strlen($0)) }
        _exit(127)
    }
}
