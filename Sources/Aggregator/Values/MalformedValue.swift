/// A text that is not the value it should be: what is wrong, and what to write instead.
struct MalformedValue: Error, Equatable, Sendable {
    var code = Diagnostic.Code.invalidValue
    let message: String
    let hint: String
}
