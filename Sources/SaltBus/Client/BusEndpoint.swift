/// The two sockets of one master's event bus.
package struct BusEndpoint: Hashable, Sendable {
    /// Where every event comes out.
    package let pub: BusAddress

    /// Where events go in.
    package let pull: BusAddress

    package init(pub: BusAddress, pull: BusAddress) {
        self.pub = pub
        self.pull = pull
    }
}
