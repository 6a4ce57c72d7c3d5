import Testing

@Suite("Schedules of chaos")
struct ScheduleTests {
    private static let drawn = (0..<200).map { Schedule(seed: 7, number: $0) }

    @Test("a seed and a number always draw the same, and another number another one")
    func repeats() {
        #expect(Self.drawn[3] == Schedule(seed: 7, number: 3))
        #expect(Set(Self.drawn).count == Self.drawn.count)
    }

    @Test("each has at least five faults of three kinds, and each can be done where it is to be done")
    func rules() {
        for schedule in Self.drawn {
            #expect(schedule.faults.count >= 5, "\(schedule)")
            #expect(Set(schedule.faults.map(\.kind)).count >= 3, "\(schedule)")
            for fault in schedule.faults {
                #expect((fault.host != nil) == (fault.kind.isOfHost || fault.kind == .downAtStart), "\(schedule)")
                if let host = fault.host { #expect(fault.kind.suits(schedule.ways[host]), "\(schedule)") }
            }
            #expect(!(schedule.ways.contains(.relay) && schedule.ways.contains(.network)), "\(schedule)")
        }
    }

    @Test("in one of four so long nothing is done at first that a gap that began there is known")
    func calm() {
        #expect(Self.drawn.count { $0.calm > Bounds.alone.before } == Self.drawn.count / 4)
    }

    @Test("as many schedules as there are kinds have every kind, and some leave a host alone")
    func coverage() {
        let kinds = Self.drawn.prefix(FaultKind.allCases.count).flatMap { $0.faults.map(\.kind) }
        #expect(Set(kinds) == Set(FaultKind.allCases))
        #expect(Self.drawn.contains { $0.isUntouched(Schedule.hosts - 1) })
    }
}
