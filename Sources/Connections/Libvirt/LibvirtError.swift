internal import CLibvirt
internal import Glibc

/// libvirt's last error on this thread, copied.
struct LibvirtError: Error, Hashable, Sendable {
    /// `VIR_ERR_*`.
    let code: Int32
    /// `VIR_FROM_*`.
    let domain: Int32
    let message: String

    /// Reads the error of the call just made.
    ///
    /// libvirt keeps one per thread: this must be the very next statement.
    static func last() -> LibvirtError {
        guard let error = virGetLastError() else {
            return LibvirtError(code: 0, domain: 0, message: "libvirt gave no reason")
        }
        return LibvirtError(error.pointee)
    }

    init(_ error: virError) {
        self.init(
            code: error.code,
            domain: error.domain,
            message: error.message.map { Self.copy($0) } ?? "libvirt gave no message"
        )
    }

    /// The longest message that is looked at, in bytes: a hostile daemon may send megabytes.
    private static let limit = 8_192

    private static func copy(_ message: UnsafePointer<CChar>) -> String {
        let bytes = UnsafeRawBufferPointer(start: message, count: strnlen(message, limit))
        return String(decoding: bytes, as: UTF8.self)
    }

    init(code: Int32, domain: Int32, message: String) {
        self.code = code
        self.domain = domain
        self.message = message
    }

    /// The driver or an older daemon lacks what was asked for; everything else still works.
    ///
    /// A driver says NO_SUPPORT; a daemon older than the event says INTERNAL_ERROR with one text (measured on 7.0).
    var isUnsupported: Bool {
        has(VIR_ERR_NO_SUPPORT) || (has(VIR_ERR_INTERNAL_ERROR) && message.contains("unsupported"))
    }

    /// A daemon that came before an event says so in one text (measured on 7.0 and 9.0), `network` between the words
    /// where it is one of a network.
    var isOfOlderDaemon: Bool {
        has(VIR_ERR_INTERNAL_ERROR) && message.contains("unsupported") && message.contains("event ID")
    }

    func has(_ code: virErrorNumber) -> Bool {
        self.code == Int32(code.rawValue)
    }
}

extension EstablishFailure {
    init(_ error: LibvirtError) {
        self.init(error.reason, error.message)
    }
}
