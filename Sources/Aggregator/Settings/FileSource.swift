/// What configuration takes from the file system; tests give it files that exist nowhere.
struct FileSource: Sendable {
    enum Unreadable: Error, Equatable {
        case missing

        /// Why it cannot be read, in the system's words.
        case refused(String)
    }

    /// What is at a path, by links, too, as far as can be told without opening it.
    enum State: Hashable, Sendable {
        case missing

        /// It cannot be looked at, for example because of the folders before it.
        case unknown
        case folder
        case file(isForOwnerOnly: Bool)
    }

    /// The bytes of a file.
    ///
    /// Reading may stop once they are more than ``YAMLDocument/sizeLimit``.
    let contents: @Sendable (_ path: String) throws(Unreadable) -> [UInt8]

    /// The names of the files in a folder, sorted, with those of whatever cannot be looked at.
    let names: @Sendable (_ folder: String) throws(Unreadable) -> [String]

    /// Whether a path leads to a folder, by links, too.
    let isFolder: @Sendable (_ path: String) -> Bool

    /// The state of a path that is for others to open.
    ///
    /// The default knows nothing.
    var state: @Sendable (_ path: String) -> State = { _ in .unknown }
}

extension FileSource {
    /// The YAML of a file, or `nil` with the reason in the report.
    ///
    /// Messages call the file `what`, for example `the inventory`. A missing file is an error unless `mustExist` is
    /// false. The default is true.
    func yaml(
        _ path: String,
        what: String,
        mustExist: Bool = true,
        report: inout DiagnosticReport
    ) -> YAMLValue? {
        do throws(Unreadable) {
            return YAMLDocument(file: path).value(of: try contents(path), report: &report)
        } catch {
            if error == .missing, !mustExist { return nil }
            report.add(error, of: path, what: what)
            return nil
        }
    }
}

extension DiagnosticReport {
    /// Says why a file or folder, `what` in the message, cannot be read.
    mutating func add(_ error: FileSource.Unreadable, of path: String, what: String) {
        let (problem, hint) =
            switch error {
            case .missing: ("\(what) does not exist", "create it or give another path")
            case .refused(let reason): ("\(what) cannot be read: \(reason)", "make it one that this user may read")
            }
        self.error(.unreadableFile, at: Position(file: path), problem, hint: hint)
    }
}
