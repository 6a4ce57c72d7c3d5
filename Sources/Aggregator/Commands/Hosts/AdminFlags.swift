internal import ArgumentParser

/// How a command finds the running service, and in which form it answers.
struct AdminFlags: ParsableArguments {
    @Option(help: "The admin socket of the service. (default: what the settings file says)")
    var adminSocket: String?

    @Option(help: "The settings file. (default: \(SettingsLoader.standardPath), if there is one)")
    var config: String?

    @Flag(help: "Print the service's answer as it is, in JSON.")
    var json = false

    /// Asks the service, and gives its answer if it is one.
    ///
    /// Otherwise the reason goes to standard error, and the command ends: with 69 when the service cannot be asked.
    func ask(_ route: AdminRoute, query: String = "", body: [String: String] = [:]) throws -> [UInt8] {
        try ask(route, query: query, json: body.isEmpty ? [] : JSONText.encode(body))
    }

    /// The same with a body of any form.
    ///
    /// - Parameter method: The default is the first that the route has.
    func ask(_ route: AdminRoute, method: String? = nil, query: String = "", json body: [UInt8]) throws -> [UInt8] {
        let client = AdminClient(path: try socketPath())
        let reply: AdminClient.Reply
        do throws(AdminUnreachable) {
            reply = try client.send(method ?? route.methods[0], route.path + query, body: body)
        } catch {
            StandardError.write("error: \(error)\n")
            throw CommandExit.unavailable.exitCode
        }
        if reply.status == 200 { return reply.body }
        if json { try StandardOutput.print(String(decoding: reply.body, as: UTF8.self)) }
        throw report(reply).exitCode
    }

    private func socketPath() throws -> String {
        // Who says where the socket is need not be able to read the settings.
        if let adminSocket, adminSocket != "off" { return adminSocket }
        let (settings, report) = SettingsLoader(files: .disk).read(path: config, flags: [:])
        if report.hasErrors {
            StandardError.write(report.text(colored: StandardError.isTerminal))
            throw report.exitStatus.exitCode
        }
        guard let path = settings.adminSocketPath, adminSocket == nil else {
            StandardError.write("error: the service has no admin socket: admin.socket is off; set it to a path\n")
            throw CommandExit.unavailable.exitCode
        }
        return path
    }

    /// Says why the service refused, and how the command ends.
    private func report(_ reply: AdminClient.Reply) -> CommandExit {
        guard let failure = try? JSONText.decode(AdminFailureView.self, from: reply.body) else {
            StandardError.write("error: the service answered with HTTP status \(reply.status)\n")
            return .failed
        }
        if !json { for diagnostic in failure.diagnostics ?? [] { StandardError.write(diagnostic.text + "\n") } }
        StandardError.write("error: \(failure.error.message.printable); \(failure.error.hint.printable)\n")
        switch AdminFailure.Code(rawValue: failure.error.code) {
        case .invalidInventory: return .configuration
        case .invalidBody, .invalidQuery: return .usage
        default: return .failed
        }
    }
}

extension AdminFlags {
    /// Prints an answer: as it is, or what `text` makes of it.
    func show<Answer: Decodable>(_ bytes: [UInt8], as type: Answer.Type, text: (Answer) -> String) throws {
        if json {
            try StandardOutput.print(String(decoding: bytes, as: UTF8.self))
            return
        }
        guard let answer = try? JSONText.decode(type, from: bytes) else {
            StandardError.write("error: the service speaks another version; use the command that came with it\n")
            throw CommandExit.failed.exitCode
        }
        try StandardOutput.print(text(answer))
    }
}
