import TestSupport
import Testing

/// The judge of order, on records that are made up.
@Suite("Records of a bus")
struct BusRecordTests {
    private static func events(_ numbers: Int...) -> [BusEvent] {
        numbers.map { number in
            BusEvent(
                tag: "\(Bench.prefix)/kvm01/domain/lifecycle",
                data: ["relay": ["id": .string("run/kvm01/\(number)")]]
            )
        }
    }

    @Test("what came late is out of order, and what came twice a repeat")
    func late() {
        let record = BusRecord(Self.events(1, 3, 4, 2, 3, 5))
        #expect(record.disorder == ["run/kvm01/3 after 1", "run/kvm01/2 after 4", "run/kvm01/5 after 2"])
        #expect(!record.isAscending && record.repeats == 1)
    }

    @Test("what another one heard in its place was in order")
    func besides() {
        let others = BusRecord(Self.events(1, 2, 3, 4))
        let record = BusRecord(Self.events(1, 4, 2, 3, 5), besides: others)
        #expect(record.disorder == [] && record.isAscending && record.repeats == 2 && record.missed == [])
        #expect(record.firsts == Self.events(1, 2, 3, 4, 5))
        #expect(BusRecord(Self.events(1, 4, 2), besides: others).missed == ["run/kvm01/3"])
    }

    @Test("what another one heard late, too, was not", arguments: [events(1, 3, 2), events(1, 3), []])
    func lateEverywhere(others: [BusEvent]) {
        let record = BusRecord(Self.events(1, 3, 2), besides: BusRecord(others))
        #expect(record.disorder.first == "run/kvm01/3 after 1" && !record.isAscending)
    }
}
