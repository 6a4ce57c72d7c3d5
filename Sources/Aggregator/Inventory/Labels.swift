/// What an operator says of a host in words of their own, for example `rack: r7`; it goes out with every event.
struct Labels: Hashable, Sendable {
    struct Label: Hashable, Sendable {
        let name: String
        let value: String
    }

    /// How many labels a host may have.
    static let limit = 32

    /// How many bytes a value may have.
    static let valueLimit = 256

    /// Sorted by name, each name once.
    private(set) var all: [Label] = []

    init(_ labels: [String: String] = [:]) {
        all = labels.map { Label(name: $0.key, value: $0.value) }.sorted { $0.name < $1.name }
    }

    /// These labels with others over them: of two values for one name the other's holds.
    func merging(_ other: Labels) -> Labels {
        let pairs = (all + other.all).map { ($0.name, $0.value) }
        return Labels(Dictionary(pairs) { $1 })
    }

    subscript(name: String) -> String? {
        all.first { $0.name == name }?.value
    }
}
