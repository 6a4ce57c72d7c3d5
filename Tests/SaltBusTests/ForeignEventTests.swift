import Glibc
import Testing

@testable import SaltBus

@Suite("Foreign events")
struct ForeignEventTests {
    /// The second key of its map is in memory that nobody may read: whoever looks for one ends these tests with SIGSEGV.
    ///
    /// The value of the first is what a comparison may reach that reads more than one byte at a time.
    @Test("a foreign event is dismissed by its tag, and nothing behind that is decoded")
    func undecoded() throws {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let first: [UInt8] = [0x82, 0xa1, 0x61, 0xc5, 0x02, 0x00] + [UInt8](repeating: 0, count: 512)
        let second = [UInt8](repeating: 0xc1, count: page)
        let frame = Framing.bare.published(Array("salt/job/20261126/ret/kvm01\n\n".utf8) + first + second)
        try #require(frame.suffix(page) == second[...])
        let flags = MAP_PRIVATE | MAP_ANONYMOUS
        let memory = try #require(mmap(nil, 2 * page, PROT_READ | PROT_WRITE, flags, -1, 0))
        try #require(memory != MAP_FAILED)
        defer { munmap(memory, 2 * page) }
        let start = memory + (2 * page - frame.count)
        start.copyMemory(from: frame, byteCount: frame.count)
        try #require(mprotect(memory + page, page, PROT_NONE) == 0)

        var bench = try SessionBench.ready()
        _ = bench.send([try .sample(1)])
        bench.write()
        let (foreign, moment) = (bench.session.counters.foreign, bench.moment)
        for count in 1...100 {
            let actions = bench.session.pubRead(UnsafeRawBufferPointer(start: start, count: frame.count), at: moment)
            #expect(actions == [])
            #expect(bench.session.counters.foreign == foreign + count)
        }
    }
}
