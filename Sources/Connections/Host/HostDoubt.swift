/// A host that is connected and yet may not be heard.
package struct HostDegradation: Hashable, Sendable {
    package enum Doubt: Hashable, Sendable {
        /// A call does not return.
        case probe

        /// Events of a class did not come.
        case audit(EventKind.Object)
    }

    package let doubt: Doubt

    /// How long a call has not returned, or since when it has not been proven that the class is heard; once the doubt is
    /// over, how long it lasted.
    package let age: Duration

    package init(_ doubt: Doubt, age: Duration) {
        self.doubt = doubt
        self.age = age
    }
}

/// A host that goes up and down more often than is worth telling.
package struct HostFlapping: Hashable, Sendable {
    /// How often it was lost.
    package let count: Int
    package let since: Timestamp

    package init(count: Int, since: Timestamp) {
        self.count = count
        self.since = since
    }
}

/// How often a host may be lost before its ups and downs are held back.
package struct FlapLimit: Hashable, Sendable {
    package var count: Int
    package var within: Duration

    /// - Parameters:
    ///   - count: The default is 6.
    ///   - within: The default is 10 min.
    package init(count: Int = 6, within: Duration = .seconds(600)) {
        self.count = count
        self.within = within
    }
}
