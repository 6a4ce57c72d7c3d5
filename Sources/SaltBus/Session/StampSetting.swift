/// How our events write their `_stamp`.
package enum StampSetting: Hashable, Sendable {
    /// As the first event of someone else on pub does; naive until there is one.
    case auto
    case naive
    case offset
}
