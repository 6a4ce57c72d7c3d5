import Foundation
import TestSupport
import Testing

@Suite("The golden recording of Salt's engine")
struct GoldenEngineTests {
    @Test("it has 63 commands and 37 events")
    func size() throws {
        let golden = try GoldenEngine.load()
        #expect(golden.steps.count == 63)
        #expect(golden.steps.flatMap(\.events).count == 37)
        let first = try #require(golden.steps.first?.events.first)
        #expect(first.tagTail == "domain/lifecycle")
        #expect(first.data["event"] == "suspended")
        #expect(first.data["uri"] == nil)
    }

    @Test(
        "its commands give the same exit codes and events on a daemon of today",
        .needs(.libvirtd),
        .timeLimit(.minutes(10))
    )
    func replay() async throws {
        let golden = try GoldenEngine.load()
        let daemon = try await PrivateLibvirtd.started()
        let lab = try TemporaryFolder()
        let folder = try GoldenEngine.copyLab(to: lab)
        var events: [VirshEvents.Class: VirshEvents] = [:]
        for `class` in VirshEvents.Class.allCases { events[`class`] = try await VirshEvents(`class`, on: daemon) }
        var environment = try await Virsh.patientEnvironment(in: daemon.folder)
        environment["HOME"] = lab.path
        for step in golden.steps {
            // One virsh each, as it was recorded, and in virsh's own notation.
            let result = try await run(
                ["virsh", "-c", daemon.uri(.unix), step.command],
                environment: environment,
                workingFolder: folder
            )
            #expect(result.status == .exited(step.exitCode), "\(step.command): \(result)")
            #expect(result.errors.trimmingCharacters(in: .whitespacesAndNewlines) == step.message)
        }
        for (`class`, listener) in events {
            let wanted = golden.steps.flatMap(\.events).filter { $0.virshClass == `class` }.map(\.virshLine)
            let lines = try await listener.wait(for: "\(wanted.count) events of \(`class`)") {
                $0.count >= wanted.count
            }
            #expect(lines == wanted)
        }
    }
}

extension GoldenEngine.Event {
    /// The class of virsh's listeners that it belongs to.
    fileprivate var virshClass: VirshEvents.Class {
        switch tagTail {
        case "network/lifecycle": .network
        case "pool/lifecycle": .poolLifecycle
        case "pool/refresh": .poolRefresh
        default: .domain
        }
    }

    /// What virsh prints for it.
    fileprivate var virshLine: String {
        let object = tagTail.prefix { $0 != "/" }
        let name = data[String(object)]?["name"]?.string ?? "?"
        let event = data["event"]?.string ?? "?"
        switch tagTail {
        case "domain/metadata_change":
            let uri = data["nsuri"]?.string ?? "<null>"
            return "event 'metadata-change' for domain '\(name)': type \(data["type"]?.string ?? "?"), uri \(uri)"
        case "domain/lifecycle":
            let detail = data["detail"]?.string?.replacing("from snapshot", with: "snapshot") ?? "?"
            return "event 'lifecycle' for domain '\(name)': \(event.capitalized) \(detail.capitalized)"
        case "pool/refresh":
            return "event 'refresh' for storage pool \(name)"
        default:
            // The engine has no word for a network that was defined.
            let word = event == "id lifecycle" ? "Defined" : event.capitalized
            return "event 'lifecycle' for \(object == "pool" ? "storage pool" : object) \(name): \(word)"
        }
    }
}
