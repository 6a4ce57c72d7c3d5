/// A step in an object's life that nobody told, in libvirt's words.
///
/// The words are those that ``HostState/apply(_:)`` reduces: what follows from the steps is what they were made for.
struct LifecycleStep: Hashable, Sendable {
    let word: String

    /// Where the word alone would mean something else; how it came about otherwise, nobody knows.
    let detail: String?

    /// The name that the object has then.
    let name: String

    init(_ word: String, _ detail: String? = nil, of name: String) {
        self.word = word
        self.detail = detail
        self.name = name
    }

    /// The step as an event; `nil` for an object that cannot have such a key, or a word that the class does not have.
    ///
    /// - Parameter id: A domain's, while it is active.
    func event(of object: EventKind.Object, _ key: ObjectKey, id: Int32, at moment: Timestamp) -> HostEvent? {
        let words = EventWords.lifecycle(object).words
        guard let subject = subject(object, key, id: id), let index = words.firstIndex(of: word) else { return nil }
        let number = Int32(index)
        return HostEvent(
            kind: .lifecycle(of: object),
            subject: subject,
            payload: .lifecycle(event: number, detail: detailNumber(of: object, event: number)),
            observed: moment,
            marks: marks(at: "/\(object.rawValue)/name"),
            places: 0
        )
    }

    private func subject(_ object: EventKind.Object, _ key: ObjectKey, id: Int32) -> HostEvent.Subject? {
        switch (object, key) {
        case (.domain, .uuid(let uuid)): .domain(name: name, id: id, uuid: uuid)
        case (.network, .uuid(let uuid)): .network(name: name, uuid: uuid)
        case (.pool, .uuid(let uuid)): .pool(name: name, uuid: uuid)
        case (.secret, .uuid(let uuid)): .secret(uuid: uuid)
        case (.nodedev, .name(let name)): .nodedev(name: name)
        default: nil
        }
    }

    private func detailNumber(of object: EventKind.Object, event: Int32) -> Int32 {
        guard object == .domain else { return 0 }
        let known = detail.flatMap { EventWords.lifecycleDetail(object, event: event).words.firstIndex(of: $0) }
        return known.map { Int32($0) } ?? EventWords.unknownNumber
    }

    /// As ``FieldCopy`` has them; it replaced what is no UTF-8.
    private func marks(at place: String) -> TextMarks {
        TextMarks(unsafe: name.isUnsafe || name.unicodeScalars.contains("\u{FFFD}") ? [place] : [])
    }
}
