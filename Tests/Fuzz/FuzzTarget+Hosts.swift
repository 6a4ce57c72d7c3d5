internal import CLibvirt

@testable internal import Connections

extension FuzzTarget {
    /// A URI is taken apart or refused; what may be shown of it is the same host, without user and query.
    static let uri = FuzzTarget("uri", seeds: uris.map { Array($0.utf8) }) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        do throws(LibvirtURI.Malformed) {
            let uri = try LibvirtURI(text)
            let shown = try LibvirtURI(uri.redacted)
            expect(shown.user == nil && shown.query.isEmpty, "user and query are not shown")
            expect(shown.host == uri.host && shown.port == uri.port, "the host is")
            expect(shown.driver == uri.driver && shown.path == uri.path, "driver and path are")
            let message = uri.redacting("cannot open \(text): \(text)\n")
            expect(message.utf8.count <= 4_096, "a message has a bound")
            if let user = uri.user, user.count > 3, !uri.redacted.contains("\(user)@") {
                expect(!message.contains("\(user)@"), "no message shows the user")
            }
        } catch {
            expect(!error.message.isEmpty && !error.hint.isEmpty, "a refusal says what to write")
        }
    }

    /// An error of libvirt's has a reason, whatever its text.
    static let libvirtError = FuzzTarget(
        "libvirt-error",
        seeds: messages.map { [38, 7, UInt8($0.utf8.count)] + $0.utf8 }
    ) {
        let input = FuzzInput($0)
        var raw = virError()
        raw.code = Int32(input.byte())
        raw.domain = Int32(input.byte())
        raw.message = input.cText().map { UnsafeMutablePointer(mutating: $0) }
        let error = LibvirtError(raw)
        expect(error.message.utf8.count <= 3 * 8_192, "a message has a bound")
        let failure = EstablishFailure(error)
        expect(!failure.reason.rawValue.isEmpty, "a failure has a reason")
        expect(!error.isOfOlderDaemon || error.isUnsupported, "what an older daemon lacks is unsupported")
    }

    private static let uris = [
        "qemu+ssh://salt@kvm01.example.net:22/system?keyfile=/etc/key&no_tty=1", "qemu+tls://[::1]:16514/system#x",
        "lxc:///", "test:///default", "test+tcp://127.0.0.1/default", "esx://root%40a@h/?no_verify=1",
        "a+ext:///?command=%2fx",
    ]
    private static let messages = [
        "Permission denied (publickey)", "unsupported event ID 27", "Host key verification failed.",
    ]
}
