internal import ArgumentParser
internal import Connections

/// `version`: what this is, and on which libvirt it runs.
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Print the version, and that of the libvirt library it runs on."
    )

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let libvirt = LibvirtRuntime.libraryVersion
        try StandardOutput.print(
            json
                ? #"{"version":"\#(Version.current)","libvirt":"\#(libvirt)"}\#n"#
                : "virt-aggregator \(Version.current) (libvirt \(libvirt))\n"
        )
    }
}
