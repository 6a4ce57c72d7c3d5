import Testing

@testable import Connections

@Suite("What is to be told anew")
struct UntoldTests {
    @Test("an object is told by the last name of it that anybody knows", arguments: [false, true])
    func names(isEverything: Bool) throws {
        let key = try #require(ObjectKey("00000000-0000-0000-0000-000000000001", of: .domain))
        var untold = Untold()
        for name in ["old", "new", nil] {
            let objects: Set = [Lost.Object(.domain, key, name: name)]
            untold.add(Lost(from: Timestamp(microseconds: 1), objects: objects, isEverything: isEverything))
        }
        let known: Set = [Lost.Object(.domain, key, name: "known")]
        let told = untold.take(.domain, everything: known, except: [])
        #expect(told.map(\.name) == [isEverything ? "known" : "new"])
    }
}
