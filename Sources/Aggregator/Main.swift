internal import ArgumentParser
internal import Connections
internal import Glibc

@main
struct VirtAggregator: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "virt-aggregator",
        abstract: "Relay the libvirt events of many hypervisors to a Salt master's event bus.",
        discussion: """
            Runs beside a Salt master, watches every hypervisor of an inventory, puts each event on the master's bus \
            under salt/engines/libvirt_events/HOST/OBJECT/EVENT, and says so when it could not hear.

            Write an inventory first:

              hosts:
                kvm01: qemu+tls://kvm01.example.net/system

            and check it:

              virt-aggregator check --inventory inventory.yaml

            Exit codes: 0 ok, 1 failed, 64 usage, 69 unavailable, 78 configuration.
            """,
        version: Version.current,
        subcommands: [
            RunCommand.self, CheckCommand.self, HostsCommand.self, ReloadCommand.self, EventsCommand.self,
            StateCommand.self, ReplayCommand.self, DemoCommand.self, BenchCommand.self, SchemaCommand.self,
            VersionCommand.self,
        ]
    )

    static func main() async {
        TransportLauncher.becomeTransportIfAsked()
        // Who does not read to the end, as `head`, ends nobody: each write says so instead.
        signal(SIGPIPE, SIG_IGN)
        await main(nil)
    }
}
