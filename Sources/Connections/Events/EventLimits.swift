/// How large an event may get.
///
/// Names, paths and messages come from guests, their owners and hosts: without caps one of them could fill the journal, and
/// make an event too large for the bus, whose own cap is 1 MiB by default.
package enum EventLimits {
    /// The longest text, in bytes.
    package static let text = 4_096

    /// The most that an event's texts come to together, in bytes.
    ///
    /// With as many list items as there may be, their marks, and as many labels as a host may have, an event stays below
    /// 64 KiB.
    package static let texts = 20_480

    /// How many identities of somebody at a screen are taken; SASL and X.509 give one or two.
    static let identities = 32

    /// How many typed parameters are taken; a job has some fifty.
    package static let parameters = 100
}
