/// A file or folder that the inventory names for others to open, and what can be said of it without opening it.
struct NamedFile: Hashable, Sendable {
    enum Use: Hashable, Sendable {
        case key, knownHosts, pki, auth, command
    }

    let path: String
    let use: Use

    /// Where it is named.
    let position: Position

    /// Warns of what will not work, or should not be so.
    ///
    /// Nothing here is an error: the inventory may be checked on another machine, or before the files are there.
    func check(_ files: FileSource, report: inout DiagnosticReport) {
        switch (files.state(path), use) {
        case (.unknown, _): break
        case (.missing, _):
            warn(.unreadableFile, "nothing is at \(path.quoted)", "create it, or correct the path", &report)
        case (.folder, .pki):
            if files.state(path + "/cacert.pem") == .missing {
                warn(
                    .unreadableFile,
                    "there is no cacert.pem in \(path.quoted)",
                    "put the certificate of the authority into it, with clientcert.pem and clientkey.pem beside it",
                    &report
                )
            }
            if files.state(path + "/clientkey.pem") == .file(isForOwnerOnly: false) {
                warn(.exposedKey, "others may read clientkey.pem in \(path.quoted)", Self.remedy, &report)
            }
        case (_, .pki):
            warn(.unreadableFile, "\(path.quoted) is no folder", "name the folder with cacert.pem", &report)
        case (.folder, _):
            warn(.unreadableFile, "\(path.quoted) is a folder", "name a file", &report)
        case (.file(isForOwnerOnly: false), .key):
            warn(.exposedKey, "others may read the private key \(path.quoted)", Self.remedy, &report)
        case (.file(isForOwnerOnly: false), .auth):
            warn(.exposedKey, "others may read the passwords in \(path.quoted)", Self.remedy, &report)
        case (.file, _): break
        }
    }

    private static let remedy = "make it its owner's alone: chmod 600"

    private func warn(
        _ code: Diagnostic.Code,
        _ message: String,
        _ hint: String,
        _ report: inout DiagnosticReport
    ) {
        report.warning(code, at: position, message, hint: hint)
    }
}
