import Foundation
import TestSupport

extension ServiceProcess {
    /// What the admin socket says of the service; one that is only about to begin is waited for.
    func status(isolation: isolated (any Actor)? = #isolation) async throws -> JSONValue {
        try await answer(to: "status", ["-f", "--max-time", "30"])
    }

    /// What the admin socket says of a host; one that takes more than 10 s for it is asked again, for a minute.
    func host(_ name: String, isolation: isolated (any Actor)? = #isolation) async throws -> JSONValue {
        try await answer(to: "hosts/\(name)", ["--max-time", "10"])
    }

    /// What curl, with some flags more, gets as an answer of the admin socket in the end.
    func answer(
        to question: String,
        _ flags: [String],
        isolation: isolated (any Actor)? = #isolation
    ) async throws -> JSONValue {
        let command =
            ["curl", "-s"] + flags + ["--unix-socket", adminSocket, "http://localhost/api/v1/\(question)"]
        return try await eventually("the admin socket answers", within: .seconds(60), isStrict: true) {
            let result = try await run(command)
            guard result.status == .exited(0) else { return JSONValue?.none }
            return try JSONValue(parsing: Data(result.output.utf8))
        }
    }
}

/// Runs one of the commands that ask the service.
func hosts(_ arguments: [String], of service: ServiceProcess) async throws -> CommandResult {
    try await run([ServiceProcess.binary] + arguments + ["--admin-socket", service.adminSocket])
}

/// Waits until the service can be asked.
func waitForSocket(of service: ServiceProcess) async throws {
    try await service.waitForLog("the admin socket is ready") { $0["message"] == "Admin socket ready" }
}
