import Foundation

/// A folder of a test's own, gone with this object.
///
/// Its path is short, because that of a unix socket may not exceed 107 bytes, and everybody may enter it, because
/// daemons in it may run as another user.
package final class TemporaryFolder: Sendable {
    package let path: String

    package init() throws {
        var template = Array(("/tmp/va-" + String(repeating: "X", count: 6)).utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemError("mkdtemp") }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        guard chmod(path, 0o755) == 0 else { throw SystemError("chmod \(path)") }
        Undertaker.tell(.made, path)
    }

    deinit {
        remove()
    }

    package func remove() {
        try? FileManager.default.removeItem(atPath: path)
        Undertaker.tell(.removed, path)
    }

    /// The path of something in the folder, whether it exists or not.
    package func file(_ name: String) -> String {
        "\(path)/\(name)"
    }

    /// Makes a folder in it, with those that lead there.
    @discardableResult
    package func makeFolder(_ name: String) throws -> String {
        try FileManager.default.createDirectory(atPath: file(name), withIntermediateDirectories: true)
        return file(name)
    }

    /// Writes a file in it, and gives its path.
    @discardableResult
    package func write(_ text: String, to name: String) throws -> String {
        try text.write(toFile: file(name), atomically: true, encoding: .utf8)
        return file(name)
    }

    /// Gives the folder and all in it to an account; without root there is one account only.
    package func give(to account: Account) throws {
        guard geteuid() == 0, let names = FileManager.default.enumerator(atPath: path) else { return }
        for name in [path] + names.compactMap({ $0 as? String }).map(file) {
            guard lchown(name, account.user, account.group) == 0 else { throw SystemError("chown \(name)") }
        }
    }
}

/// What a failed system call said.
package struct SystemError: Error, CustomStringConvertible {
    package let description: String

    /// To be made in the statement after the call, while errno is that call's.
    package init(_ call: String, _ code: Int32 = errno) {
        description = "\(call): \(String(cString: strerror(code)))"
    }
}
