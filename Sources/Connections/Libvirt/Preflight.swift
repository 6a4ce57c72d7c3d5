internal import Glibc

/// Asks whether anybody accepts connections at a URI's address, within a deadline.
///
/// `virConnectOpen` waits 135 s for a host that drops packets, and for ever at a unix socket whose backlog is full; it
/// cannot be aborted there, because libvirt shows a socket only once it is connected (measured). So we connect first,
/// without blocking, and hang up.
///
/// TCP, TLS, libssh and unix sockets; the other transports have nothing that could be asked this way.
struct Preflight {
    private let uri: LibvirtURI
    private let isAborted: () -> Bool
    private let dialer: Dialer

    /// - Parameters:
    ///   - uri: Where to look.
    ///   - names: Who knows where they lead to.
    ///   - deadline: How long all of it may take.
    ///   - isAborted: Asked now and then whether anybody still waits.
    init(_ uri: LibvirtURI, names: NameLookups, deadline: Duration, isAborted: @escaping () -> Bool) {
        self.uri = uri
        self.isAborted = isAborted
        dialer = Dialer(until: .now + deadline, names: names, isAborted: isAborted)
    }

    /// Blocks up to the deadline.
    func run() throws(EstablishFailure) {
        guard !isAborted() else { throw EstablishFailure(.shutdown, "the attempt was given up") }
        switch (uri.transport, uri.host) {
        case (.tcp, let host?): _ = try dialer.tcp(host, port: uri.port ?? 16_509)
        case (.tls, let host?): _ = try dialer.tcp(host, port: uri.port ?? LibvirtURI.tlsPort)
        case (.libssh, let host?), (.libssh2, let host?): _ = try dialer.tcp(host, port: uri.port ?? 22)
        case (.unix, _), (nil, nil): try unix()
        default: break
        }
    }

    private func unix() throws(EstablishFailure) {
        if let path = uri.parameter("socket") {
            do throws(Unreachable) {
                _ = try dialer.unix(path)
            } catch {
                throw error.failure("the unix socket")
            }
        } else {
            // Which daemon libvirt will choose is its affair; only silence is ours to find out, since it would block.
            for path in defaultSockets {
                do throws(Unreachable) {
                    _ = try dialer.unix(path)
                } catch  where error.code == ETIMEDOUT {
                    throw error.failure("socket \(path)")
                } catch {
                    continue
                }
            }
        }
    }

    private var defaultSockets: [String] {
        guard uri.driver != "test" || uri.transport == .unix, uri.path != "/session" else { return [] }
        return ["libvirt-sock-ro", "virt\(uri.driver)d-sock-ro"].map { "/run/libvirt/\($0)" }
            .filter { access($0, F_OK) == 0 }
    }
}
