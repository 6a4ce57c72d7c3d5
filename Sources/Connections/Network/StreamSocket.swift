internal import Glibc

/// A socket that nobody else has, closed when it goes out of use.
struct StreamSocket: ~Copyable {
    let descriptor: Int32

    deinit {
        close(descriptor)
    }
}
