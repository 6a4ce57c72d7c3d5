/// The product's version, in its one place.
enum Version {
    static let current = "0.1.0"
}
