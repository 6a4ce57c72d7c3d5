import Foundation

/// A small Linux system for a machine of a private daemon, as `ops/scripts/guest-image` makes it.
package enum LinuxGuest {
    static var folder: String { "\(Repository.cache)/guest" }

    static var isThere: Bool { FileManager.default.fileExists(atPath: "\(folder)/.whole") }

    /// Its kernel and RAM disk, copied to where the daemon sees them, whatever its files are.
    package static func system(in folder: TemporaryFolder) throws -> String {
        for name in ["vmlinuz", "initrd"] where !FileManager.default.fileExists(atPath: folder.file(name)) {
            try FileManager.default.copyItem(atPath: "\(self.folder)/\(name)", toPath: folder.file(name))
        }
        return """
            <os><type arch='x86_64' machine='pc'>hvm</type><kernel>\(folder.file("vmlinuz"))</kernel>\
            <initrd>\(folder.file("initrd"))</initrd><cmdline>console=ttyS0 quiet panic=5</cmdline></os>
            """
    }

    /// A serial port for ``GuestConsole``.
    package static func serial(_ path: String) -> String {
        "<serial type='unix'><source mode='bind' path='\(path)'/><target port='0'/></serial>"
    }
}
