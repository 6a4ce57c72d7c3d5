internal import ArgumentParser

/// `version`: what this is.
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Print the version."
    )

    @Flag(help: "Print JSON.")
    var json = false

    func run() {
        print(json ? #"{"version": "\#(Version.current)"}"# : "virt-aggregator \(Version.current)")
    }
}
