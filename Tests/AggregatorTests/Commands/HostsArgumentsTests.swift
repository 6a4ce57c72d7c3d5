import ArgumentParser
import Testing

@testable import Aggregator

/// What the commands about hosts take, before anybody is asked.
@Suite struct HostsArgumentsTests {
    @Test(
        "a name that no host can have is refused, and the hint says what a name is",
        arguments: [
            "show": ["kvm01/pause"], "pause": ["x HTTP/1.1\r\n\r\nPOST /api/v1/reload"], "resume": ["?phase=up"],
        ]
    )
    func refused(command: String, name: [String]) {
        let error = #expect(throws: (any Error).self) { try HostsCommand.parseAsRoot([command] + name) }
        guard let error else { return }
        #expect(HostsCommand.exitCode(for: error) == .validationFailure)
        let message = HostsCommand.message(for: error)
        #expect(message.contains("start with a letter or digit"))
        #expect(!message.contains("\r"))
    }

    @Test("a name that a host can have is taken", arguments: ["show", "pause", "resume"])
    func taken(command: String) throws {
        _ = try HostsCommand.parseAsRoot([command, "kvm-01.example.net"])
    }
}
