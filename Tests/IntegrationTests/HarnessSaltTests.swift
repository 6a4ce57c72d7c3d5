import Foundation
import TestSupport
import Testing

@Suite("The harness, with Salt masters", .needs(.allSalt), .timeLimit(.minutes(10)))
struct HarnessSaltTests {
    private let event = BusEvent(tag: "test/one", data: ["name": "ä", "number": 7, "list": [true, nil]])

    @Test(
        "an event fired through Salt's API reaches the listener, also after a restart",
        arguments: SaltInstallation.all
    )
    func bus(salt: SaltInstallation) async throws {
        let master = try await SaltMaster.started(salt)
        let listener = try await BusListener(master)
        try await master.fire([event])
        try await expectEvent(on: listener)
        await listener.stop()

        let session = try #require(master.pid)
        try await master.restart()
        try await eventually("the first has ended") { ProcessTable().session(session).isEmpty }
        let second = try await BusListener(master)
        try await master.fire([event])
        try await expectEvent(on: second)
    }

    @Test("a master with its bus on TCP", arguments: SaltInstallation.all)
    func tcp(salt: SaltInstallation) async throws {
        let master = try await SaltMaster.started(salt, ipcMode: .tcp)
        let listener = try await BusListener(master)
        try await master.fire([event])
        try await expectEvent(on: listener)
        #expect(!FileManager.default.fileExists(atPath: master.pullSocket))
    }

    @Test("a master of an unprivileged user, with configuration and files of the test's own")
    func unprivileged() async throws {
        let salt = try #require(SaltInstallation.all.first)
        let reactor = "reactor:\n  - 'test/*': [/nowhere/one.sls]"
        let master = try await SaltMaster.started(
            salt,
            as: .unprivileged,
            configuration: reactor,
            files: ["srv/reactor/one.sls": "{}"]
        )
        #expect(FileManager.default.fileExists(atPath: master.folder.file("srv/reactor/one.sls")))
        let pull = try FileManager.default.attributesOfItem(atPath: master.pullSocket)
        #expect(pull[.ownerAccountID] as? Int == Int(Account.unprivileged.user))
        let listener = try await BusListener(master)
        try await master.fire([event])
        try await expectEvent(on: listener)
        let session = try #require(master.pid)
        await master.stop()
        try await eventually("it has ended") { ProcessTable().session(session).isEmpty }
    }

    /// The event arrives, with `_stamp` added and nothing else changed.
    private func expectEvent(on listener: BusListener) async throws {
        let found = try await listener.wait(for: event.tag) { $0.contains { $0.tag == event.tag } }
        var data = try #require(found.first { $0.tag == event.tag }?.data.object)
        #expect(data.removeValue(forKey: "_stamp")?.string != nil)
        #expect(JSONValue.object(data) == event.data)
    }
}
