import Foundation
import TestSupport

/// The release build, which carries Swift with it and so runs where only its C libraries are, at a place.
struct Binary {
    static let path = ServiceProcess.releaseBinary

    /// A folder that is seen there, too.
    let folder: TemporaryFolder
    private let place: Place
    private let file: String

    init(at place: Place) throws {
        folder = try TemporaryFolder()
        self.place = place
        file = try ServiceProcess.readable(Self.path, at: place, in: folder)
    }

    func run(_ arguments: String...) async throws -> CommandResult {
        try await run(arguments)
    }

    /// What it prints, as JSON.
    func json(_ arguments: String...) async throws -> JSONValue {
        try JSONValue(parsing: Data(try await run(arguments).checked().output.utf8))
    }

    private func run(_ arguments: [String]) async throws -> CommandResult {
        try await TestSupport.run([file] + arguments, at: place)
    }
}
