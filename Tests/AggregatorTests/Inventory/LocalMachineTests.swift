import Testing

@testable import Aggregator

@Suite struct LocalMachineTests {
    @Test(
        "a hypervisor of this machine has the machine's name, as far as a host may be called so",
        arguments: [
            ("kvm01", "kvm01"), ("kvm01.example.net", "kvm01"), ("", "local"), ("-a", "a"), ("ä b", "b"),
            ("a b", "a-b"), ("(none)", "none-"), ("aggregator", "aggregator-host"), (".x", "local"),
            (String(repeating: "a", count: 64), String(repeating: "a", count: 63)),
        ]
    )
    func name(hostName: String, name: String) throws {
        #expect(LocalMachine(hostName: hostName, libvirtConf: nil).inventoryName == name)
        try HostName.check(name)
    }

    @Test("this machine has a name")
    func current() {
        #expect(!LocalMachine.current.hostName.isEmpty)
    }

    @Test("libvirt's configuration is where libvirt looks for it")
    func libvirtConf() {
        let path = { (isRoot: Bool, environment: [String: String]) in
            LocalMachine.libvirtConf(isRoot: isRoot, environment: environment)
        }
        #expect(path(true, ["HOME": "/h"]) == "/etc/libvirt/libvirt.conf")
        #expect(path(false, ["HOME": "/h"]) == "/h/.config/libvirt/libvirt.conf")
        #expect(path(false, ["HOME": "/h", "XDG_CONFIG_HOME": "/x"]) == "/x/libvirt/libvirt.conf")
        #expect(path(false, ["HOME": "/h", "XDG_CONFIG_HOME": ""]) == "/h/.config/libvirt/libvirt.conf")
        #expect(path(false, [:]) == nil)
    }

    @Test("aliases are read out of libvirt's configuration, and nothing else is")
    func aliases() {
        let text = """
            # uri_aliases = [ "no=qemu:///no" ]
            uri_default = "qemu:///system" # uri_aliases = ["no=x"]
            remote_mode='auto'
            uri_aliases = [ # two
              "hail=qemu+ssh://hail/system?a=b",  "sleet=lxc:///",
              "hail=later", "broken", 7,
            ]
            trap = "uri_aliases = [ 'no=x' ]"
            """
        #expect(LibvirtAliases(text).targets == ["hail": "qemu+ssh://hail/system?a=b", "sleet": "lxc:///"])
        #expect(LibvirtAliases("uri_aliases=['a=b']").targets == ["a": "b"])
    }

    @Test(
        "what is no configuration has no aliases, and ends",
        arguments: [
            "", "[", "=", "uri_aliases", "uri_aliases =", "uri_aliases = [", "uri_aliases = [\"a=b", "\0\0", "a = [[[[",
            "uri_aliases = ] \n x = [ ' ",
        ]
    )
    func broken(text: String) {
        let targets = LibvirtAliases(text).targets
        #expect(targets.isEmpty || targets == ["a": "b"])
    }
}
