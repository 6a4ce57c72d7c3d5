/// One of OpenSSL's objects that is ours to free, freed when it goes out of use.
struct OpenSSLObject: ~Copyable {
    let pointer: OpaquePointer
    private let release: (OpaquePointer) -> Void

    /// Takes over one reference; `nil` when there is none, which is how OpenSSL says that it failed.
    init?(_ pointer: OpaquePointer?, release: @escaping (OpaquePointer) -> Void) {
        guard let pointer else { return nil }
        self.pointer = pointer
        self.release = release
    }

    deinit {
        release(pointer)
    }
}
