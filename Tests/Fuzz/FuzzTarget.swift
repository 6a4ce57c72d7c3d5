internal import Glibc

/// Code that reads what others wrote, and what must hold of it whatever that was.
///
/// One call of `run` is one input. It ends by returning, or by ``expect(_:_:)``.
struct FuzzTarget: Sendable {
    let name: String

    /// How much of the time it gets, beside the others.
    let weight: Int

    /// Inputs to begin with, which lead the fuzzer to where it is worth its while.
    let seeds: [[UInt8]]
    let run: @Sendable (UnsafeRawBufferPointer) -> Void

    init(
        _ name: String,
        weight: Int = 1,
        seeds: [[UInt8]] = [],
        run: @escaping @Sendable (UnsafeRawBufferPointer) -> Void
    ) {
        self.name = name
        self.weight = weight
        self.seeds = seeds
        self.run = run
    }

    /// Every target, those that take longest first.
    static let all: [FuzzTarget] = [
        .callbacks, .messagePack, .messagePackMade, .eventSlice, .pubStream, .frame, .inspection, .tag, .uri,
        .libvirtError,
    ]
}

/// Ends the process where a property does not hold; the fuzzer then keeps the input.
func expect(_ holds: Bool, _ property: @autoclosure () -> String) {
    guard !holds else { return }
    complain("error: does not hold: \(property())")
    abort()
}

/// Says something on stderr, where the fuzzer talks too.
func complain(_ message: String) {
    var line = message + "\n"
    line.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
