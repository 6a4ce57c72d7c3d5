internal import Glibc

/// Drives one decoder with inputs that libFuzzer makes, until it crashes or has had enough: `make fuzz` runs it.
///
/// libFuzzer has the main function; see <https://llvm.org/docs/LibFuzzer.html>. `FUZZ_TARGET` names the target,
/// whose number of inputs is left on stdout; `list` prints the names and weights of all, and `seeds FOLDER` writes what to begin with.
enum Fuzz {
    /// Set once, before the first input; libFuzzer has one thread.
    nonisolated(unsafe) fileprivate static var target: FuzzTarget?
    nonisolated(unsafe) fileprivate static var inputs = 0

    fileprivate static func choose(_ arguments: [String]) {
        if arguments.dropFirst() == ["list"] {
            for target in FuzzTarget.all { print(target.name, target.weight) }
            exit(0)
        }
        let name = getenv("FUZZ_TARGET").map { String(cString: $0) } ?? ""
        guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
            complain("error: '\(name)' is no target; use one of \(FuzzTarget.all.map(\.name).joined(separator: ", "))")
            exit(64)
        }
        if arguments.count == 3, arguments[1] == "seeds" {
            writeSeeds(of: target, into: arguments[2])
            exit(0)
        }
        Fuzz.target = target
        atexit { print(Fuzz.inputs) }
    }

    private static func writeSeeds(of target: FuzzTarget, into folder: String) {
        for (number, seed) in target.seeds.enumerated() {
            guard let file = fopen("\(folder)/seed-\(number)", "w") else {
                complain("error: \(folder) cannot be written to")
                exit(1)
            }
            fwrite(seed, 1, seed.count, file)
            fclose(file)
        }
    }
}

/// What libFuzzer calls once, with main's arguments.
@_cdecl("LLVMFuzzerInitialize")
func fuzzInitialize(
    _ count: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>
) -> Int32 {
    let texts = UnsafeBufferPointer(start: arguments.pointee, count: Int(count.pointee))
    Fuzz.choose(texts.compactMap { $0.map { String(cString: $0) } })
    return 0
}

/// What libFuzzer calls for each input.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzzOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
    Fuzz.inputs += 1
    Fuzz.target?.run(UnsafeRawBufferPointer(start: data, count: size))
    return 0
}
