import TestSupport
import Testing

@testable import Connections

@Suite("HostState: what one life leaves to the next")
struct HostStateLivesTests {
    typealias Word = ObjectState.Word

    private let off = ListedObject.domain("web", active: false, Word.shutoff)
    private let other = ListedObject.domain("db", number: 8)

    private func steps(_ state: HostState, to listing: ListedObject..., touched: Set<ObjectKey> = []) -> [String] {
        var state = state
        return state.differences(of: .domain, from: listing, touched: touched).flatMap {
            state.makeUp($0, of: .domain, at: Timestamp(microseconds: 9)).map(\.event.step)
        }
    }

    @Test("what events said of a class that was silent is compared with what there is")
    func silent() {
        var state = HostState()
        var rows = state.replace(.domain, with: [off], at: Timestamp(microseconds: 1))
        rows += state.silence(.domain, at: Timestamp(microseconds: 2))
        rows += state.apply(HostStateTests.event(.domain, 2, 0))
        #expect(steps(HostState(last: rows), to: off) == ["stopped web"])
    }

    @Test("that a class without objects is silent is not that it is unknown")
    func empty() {
        var state = HostState()
        var rows = state.replace(.domain, with: [], at: Timestamp(microseconds: 1))
        rows += state.silence(.domain, at: Timestamp(microseconds: 2))
        let again = HostState(last: rows)
        #expect(again.isSilent(.domain))
        #expect(steps(again, to: off) == ["defined web"])
    }

    @Test(
        "of a first sight that was never complete the objects that events told of are compared, and nothing else",
        arguments: [false, true]
    )
    func hearsay(isForgotten: Bool) {
        var state = HostState()
        var rows: [StateChange] = []
        if isForgotten {
            rows += state.replace(.domain, with: [.domain("old", number: 9)], at: Timestamp(microseconds: 1))
            rows += state.forget(.domain, at: Timestamp(microseconds: 2))
        }
        rows += state.apply(HostStateTests.event(.domain, 2, 0))
        for state in [state, HostState(last: rows)] {
            #expect(state.objects(of: .domain) == nil && !state.isSilent(.domain))
            #expect(steps(state, to: other) == ["stopped web"])
            #expect(steps(state, to: off, other) == ["stopped web"])
            #expect(steps(state, to: off, other, touched: [off.key]) == [])
            // A domain that has started may have been defined long ago.
            #expect(steps(state, to: .domain("web"), other) == [])
        }
        var last = HostState(last: rows)
        rows += last.replace(.domain, with: [other], at: Timestamp(microseconds: 9))
        #expect(HostState(last: rows).objects(of: .domain)?.keys.first == other.key)
        rows += last.forget(.domain, at: Timestamp(microseconds: 10))
        #expect(HostState(last: rows).keys(of: .domain) == [])
    }

    @Test("what former versions left of a class that was not heard is known if there was anything")
    func formerVersions() {
        var state = HostState()
        let rows = state.replace(.domain, with: [off], at: Timestamp(microseconds: 1))
        let silence = StateChange(object: .domain, key: "", state: nil, at: Timestamp(microseconds: 2))
        #expect(HostState(last: rows + [silence]).isSilent(.domain))
        #expect(!HostState([silence]).isSilent(.domain))
    }
}

extension HostState {
    /// What the last of each object's changes leave.
    init(last changes: [StateChange]) {
        self.init(Dictionary(changes.map { ("\($0.object)/\($0.key)", $0) }) { $1 }.values)
    }
}
