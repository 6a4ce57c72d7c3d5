internal import Glibc

/// An `errno` of a connection that did not come about.
struct Unreachable: Error {
    let code: Int32

    func failure(_ peer: String) -> EstablishFailure {
        EstablishFailure(reason, "cannot connect to \(peer): \(String(cString: strerror(code)))")
    }

    private var reason: DownReason {
        switch code {
        case ECONNREFUSED, ENOENT: .refused
        case ETIMEDOUT: .timeout
        case EACCES, EPERM: .permission
        case ENETUNREACH, EHOSTUNREACH, ENETDOWN: .route
        case ECONNRESET: .error
        default: .unknown
        }
    }
}
