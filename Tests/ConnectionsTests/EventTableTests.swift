import Foundation
import TestSupport
import Testing

@testable import Connections

/// The tables against libvirt's own description of its API: the one installed, and that of 12.8.
@Suite("Event table")
struct EventTableTests {
    struct Value: Sendable {
        let name: String
        let number: Int64
        let enumeration: String
        let version: String
    }

    /// Where ids of events stand, by libvirt's enums.
    private static let ids: [String: EventKind.Object] = [
        "virDomainEventID": .domain, "virNetworkEventID": .network, "virStoragePoolEventID": .pool,
        "virNodeDeviceEventID": .nodedev, "virSecretEventID": .secret,
    ]

    /// Ids that are not relayed on purpose: none.
    private static let ignored: Set<String> = []

    @Test("every event id of libvirt is a row", arguments: Description.allCases)
    func ids(description: Description) async throws {
        let values = try await description.values()
        let ids = values.filter { $0.enumeration.hasSuffix("EventID") && !Self.ignored.contains($0.name) }
        #expect(Set(ids.map(\.enumeration)) == Set(Self.ids.keys), "another class of objects has events")
        for id in ids {
            let object = try #require(Self.ids[id.enumeration])
            let kind = EventKind.table.first { $0.object == object && Int64($0.id) == id.number }
            #expect(kind != nil, "\(id.name) is no row of the table")
            #expect(kind?.since.description == id.version, "\(id.name)")
        }
        if description == .newest { #expect(ids.count == EventKind.table.count) }
    }

    @Test("every row has its callback, and the newer of two forms is asked for first")
    func rows() {
        #expect(EventKind.table.filter { $0.callback == nil } == [])
        #expect(EventKind.table.compactMap(\.olderForm) == [.domainIOErrorWithoutReason, .domainBlockJobByPath])
        #expect(
            EventKind.all == EventKind.table.filter { $0 != .domainIOErrorWithoutReason && $0 != .domainBlockJobByPath }
        )
        #expect(Set(EventKind.all.map(\.path)).count == EventKind.all.count)
    }

    @Test("every number of libvirt's has its word", arguments: Description.allCases)
    func words(description: Description) async throws {
        let values = try await description.values()
        for words in Self.tables {
            let enumeration = try #require(words.enumeration)
            let all = values.filter { $0.enumeration == enumeration }
            #expect(description == .installed || !all.isEmpty, "\(enumeration)")
            let prefix = Self.commonPrefix(all.map(\.name))
            for value in all {
                let word = value.name.dropFirst(prefix.count).lowercased().replacingOccurrences(of: "_", with: " ")
                let isFlag = enumeration == EventWords.memoryFailureFlags.enumeration
                #expect(isFlag ? words.flags(UInt32(value.number)) == [word] : words[Int32(value.number)] == word)
            }
            if description == .newest { #expect(all.count == words.words.count { $0 != nil }, "\(enumeration)") }
        }
    }

    private static let tables: [EventWords] =
        EventKind.Object.allCases.map { EventWords.lifecycle($0) } + EventWords.domainDetails + [
            .watchdogAction, .ioErrorAction, .graphicsPhase, .addressFamily, .blockJobType, .blockJobStatus,
            .diskChangeReason, .trayChangeReason, .agentState, .agentReason, .channelState, .channelReason,
            .metadataType, .memoryFailureRecipient, .memoryFailureAction, .memoryFailureFlags,
        ]

    /// What all names begin with, up to an underscore.
    private static func commonPrefix(_ names: [String]) -> String {
        guard var prefix = names.first else { return "" }
        for name in names { prefix = prefix.commonPrefix(with: name) }
        return String(prefix[..<(prefix.lastIndex(of: "_").map { prefix.index(after: $0) } ?? prefix.startIndex)])
    }

    enum Description: CaseIterable {
        case installed, newest

        /// The values of all enums, without the sentinels.
        func values() async throws -> [Value] {
            let text = try String(contentsOfFile: try await path(), encoding: .utf8)
            let pattern = #/<enum name='(\w+)' file='[^']*' value='(-?\d+)'.* type='(\w+)' version='([^']*)'/#
            return text.split(separator: "\n").compactMap { line in
                guard let found = try? pattern.firstMatch(in: line), let number = Int64(found.2),
                    !found.1.hasSuffix("_LAST")
                else { return nil }
                return Value(
                    name: String(found.1),
                    number: number,
                    enumeration: String(found.3),
                    version: String(found.4)
                )
            }
        }

        private func path() async throws -> String {
            switch self {
            case .newest: return Bundle.module.bundlePath + "/Fixtures/libvirt-api-12.8.0.xml"
            case .installed:
                let asked = try await run(["pkg-config", "--variable", "libvirt_api", "libvirt"]).checked()
                return asked.output.trimmingCharacters(in: .whitespacesAndNewlines)
            }
        }
    }
}
