/// A library made of one of our C files, for processes that load it before all others.
package final class Preload: Sendable {
    /// Where it is, for `LD_PRELOAD`.
    package let path: String
    private let folder: TemporaryFolder

    /// Compiles a file that is beside the scripts.
    package init(_ source: String) async throws {
        folder = try TemporaryFolder()
        path = folder.file("preload.so")
        let command = ["clang", "-O1", "-shared", "-fPIC", "-o", path, Scripts.path(source), "-ldl"]
        try await run(command).checked()
    }
}
