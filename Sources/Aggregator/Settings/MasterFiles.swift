/// The files of the Salt master's configuration: one, and those of `master.d` beside it in the order of their names.
struct MasterFiles {
    private static let remedy = "set bus.sock_dir (--bus-sock-dir) to the folder with master_event_pub.ipc"

    let files: FileSource
    let path: String

    /// What the files say of the bus; a later file wins.
    ///
    /// Everything else in them is none of our business, so nothing else is checked.
    func options() throws(ConfigurationErrors) -> MasterOptions {
        var options = MasterOptions()
        let folder = (path.lastIndex(of: "/").map { String(path[...$0]) } ?? "") + "master.d"
        let names = try names(in: folder).filter { name in
            // Salt itself passes over a link that leads nowhere.
            name.hasSuffix(".conf") && !name.hasPrefix(".") && files.state("\(folder)/\(name)") != .missing
        }
        for file in [path] + names.map({ "\(folder)/\($0)" }) {
            for entry in try entries(of: file) { try read(entry, into: &options) }
        }
        return options
    }

    private func names(in folder: String) throws(ConfigurationErrors) -> [String] {
        do throws(FileSource.Unreadable) {
            return try files.names(folder)
        } catch {
            // Most masters have one, but none needs it.
            guard case .refused(let reason) = error else { return [] }
            throw failure(
                .unreadableFile,
                at: Position(file: folder),
                "the Salt master's configuration cannot be read: \(reason)"
            )
        }
    }

    private func entries(of file: String) throws(ConfigurationErrors) -> [YAMLEntry] {
        let bytes: [UInt8]
        do {
            bytes = try files.contents(file)
        } catch {
            let problem =
                switch error {
                case .missing: "the Salt master's configuration is not here"
                case .refused(let reason): "the Salt master's configuration cannot be read: \(reason)"
                }
            throw failure(.unreadableFile, at: Position(file: file), problem)
        }
        // What is wrong stays unsaid but for its place: the message could quote a secret of the master's.
        var report = DiagnosticReport()
        guard let value = YAMLDocument(file: file).value(of: bytes, report: &report) else {
            throw failure(
                .yamlSyntax,
                at: report.diagnostics.first?.position ?? Position(file: file),
                "this file of the Salt master is not plain YAML"
            )
        }
        guard case .mapping(let entries) = value.content else { return [] }
        return entries
    }

    private func read(_ entry: YAMLEntry, into options: inout MasterOptions) throws(ConfigurationErrors) {
        switch entry.key {
        case "root_dir": options.rootDir = try parsed(entry, as: .path)
        case "sock_dir": options.sockDir = try parsed(entry, as: .path)
        case "ipc_mode": options.ipcMode = try parsed(entry, as: .text)
        case "tcp_master_pub_port": options.pubPort = try parsed(entry, as: .integer(1...65535))
        case "tcp_master_pull_port": options.pullPort = try parsed(entry, as: .integer(1...65535))
        default: break
        }
    }

    private func parsed<Value>(_ entry: YAMLEntry, as parser: ValueParser<Value>) throws(ConfigurationErrors) -> Value {
        var report = DiagnosticReport()
        guard let value = entry.value.parsed(as: parser, name: entry.key, report: &report) else {
            throw failure(
                .invalidValue,
                at: entry.value.position,
                "\(entry.key) of the Salt master is not \(parser.kind)"
            )
        }
        return value
    }

    private func failure(_ code: Diagnostic.Code, at position: Position, _ problem: String) -> ConfigurationErrors {
        var report = DiagnosticReport()
        report.error(code, at: position, problem, hint: Self.remedy)
        return ConfigurationErrors(report: report)
    }
}
