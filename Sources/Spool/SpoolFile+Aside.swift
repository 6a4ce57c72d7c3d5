internal import Foundation

/// Putting a damaged database aside, which is over when what can be read of it is in the one that takes its place.
extension SpoolFile {
    /// Which file it is, whatever it is called.
    struct Identity: Hashable {
        let device: UInt
        let number: UInt
    }

    /// The file that is there now.
    var identity: Identity? {
        var entry = stat()
        return stat(path, &entry) == 0 ? Identity(device: UInt(entry.st_dev), number: UInt(entry.st_ino)) : nil
    }

    /// A link to what was put aside, until that is over: whoever dies before leaves word.
    ///
    /// Other than a file's content it takes no room.
    private var link: String { path + ".aside" }

    /// Gives the database and what SQLite keeps beside it another name, that no earlier one has.
    func moveAside() throws(SpoolError) -> String {
        var number = 1
        while access("\(path).damaged-\(number)", F_OK) == 0 { number += 1 }
        let aside = "\(path).damaged-\(number)"
        forgetAside()
        symlink(String(aside.dropFirst(folder.count + 1)), link)
        try move(to: aside)
        return aside
    }

    /// Where one was put by somebody who got no further.
    func leftAside() throws(SpoolError) -> String? {
        guard let aside = linked else { return nil }
        if access(path, F_OK) != 0 { try move(to: aside) }
        return aside
    }

    /// What can be read of it is where it belongs.
    func forgetAside() {
        unlink(link)
    }

    /// What the link leads to, if that is there.
    private var linked: String? {
        guard access(link, F_OK) == 0 else { return nil }
        let name = try? FileManager.default.destinationOfSymbolicLink(atPath: link)
        return name.map { "\(folder)/\($0)" }
    }

    private func move(to aside: String) throws(SpoolError) {
        for part in ["", "-wal", "-shm"] where access(path + part, F_OK) == 0 {
            guard rename(path + part, aside + part) == 0 else {
                throw SpoolError(
                    code: .unusable,
                    message: "\(path) is damaged and cannot be put aside: \(String(cString: strerror(errno)))",
                    hint: "remove it, or set spool.path"
                )
            }
        }
    }
}
