import Connections
import Testing

@Suite("Libvirt URI")
struct LibvirtURITests {
    @Test(
        "is taken apart",
        arguments: [
            ("qemu:///system", "qemu", nil, nil, nil, "/system"),
            ("qemu+ssh://salt@kvm01.example.net:2222/system", "qemu", .ssh, "kvm01.example.net", 2222, "/system"),
            ("qemu://kvm01/system", "qemu", .tls, "kvm01", nil, "/system"),
            ("qemu+tls://[2001:db8::1]:16514/system", "qemu", .tls, "2001:db8::1", 16514, "/system"),
            ("lxc+ssh://salt@lxc01/", "lxc", .ssh, "lxc01", nil, "/"),
            ("test+unix:///default?socket=/a/b", "test", .unix, nil, nil, "/default"),
            ("xen:///", "xen", nil, nil, nil, "/"),
            ("esx://h/?no_verify=1", "esx", nil, "h", nil, "/"),
        ] as [(String, String, LibvirtURI.Transport?, String?, Int?, String)]
    )
    func parses(
        text: String,
        driver: String,
        transport: LibvirtURI.Transport?,
        host: String?,
        port: Int?,
        path: String
    ) throws {
        let uri = try LibvirtURI(text)
        #expect(uri.text == text)
        #expect(uri.driver == driver)
        #expect(uri.transport == transport)
        #expect(uri.host == host)
        #expect(uri.port == port)
        #expect(uri.path == path)
    }

    @Test("query parameters are decoded; the last of a name wins")
    func query() throws {
        let uri = try LibvirtURI("test+unix:///default?socket=/a%20b&x&z=%+f%2&socket=%2Fc%zz")
        #expect(uri.parameter("socket") == "/c%zz")
        #expect(uri.parameter("x") == "")
        #expect(uri.parameter("y") == nil)
        #expect(uri.query.map(\.value) == ["/a b", "", "%+f%2", "/c%zz"])
    }

    @Test(
        "shows neither user nor query",
        arguments: [
            ("qemu+ssh://salt@kvm01:22/system?keyfile=/k", "qemu+ssh://kvm01:22/system"),
            ("test+unix:///default?socket=/a", "test+unix:///default"),
            ("qemu+tls://[2001:db8::1]:16514/system", "qemu+tls://[2001:db8::1]:16514/system"),
            ("qemu://h/system", "qemu://h/system"),
        ]
    )
    func redacts(text: String, shown: String) throws {
        #expect(try LibvirtURI(text).redacted == shown)
    }

    @Test(
        "takes out of a message what is nobody else's business",
        arguments: [
            (
                "qemu+ssh://salt@h/system", "Cannot recv data: salt@h: Permission denied",
                "Cannot recv data: …@h: Permission denied"
            ),
            (
                "qemu+tls://h/system?pkipath=/secret/pki", "Cannot read '/secret/pki/cacert.pem'",
                "Cannot read '…/cacert.pem'"
            ),
            ("test+unix:///default?socket=/a/b", "no test+unix:///default?socket=/a/b", "no test+unix:///default"),
        ]
    )
    func redactsMessages(uri: String, message: String, shown: String) throws {
        #expect(try LibvirtURI(uri).redacting(message) == shown)
        let long = String(repeating: "ä", count: 5_000)
        #expect(try LibvirtURI(uri).redacting(long) == String(repeating: "ä", count: 2_048))
        #expect(try LibvirtURI(uri).redacting("x" + long) == "x" + String(repeating: "ä", count: 2_047))
    }

    @Test(
        "says what is wrong and what to write",
        arguments: [
            ("kvm01", "no scheme"), ("qemu+shh://h/system", "no transport"), ("qemu+ssh://u:secret@h/", "password"),
            ("qemu+tcp://h:99999/system", "no port"), ("qemu+tcp://:22/", "without a host"),
            ("qemu:///sys tem", "ASCII"),
            ("qemu+tls://[::1/system", "not closed"), ("+ssh://h/", "no scheme"), ("qemu+tcp://h:/s", "no port"),
        ]
    )
    func rejects(text: String, word: String) {
        let error = #expect(throws: LibvirtURI.Malformed.self) { try LibvirtURI(text) }
        #expect(error?.message.contains(word) == true || word == "no scheme")
        #expect(error?.hint.isEmpty == false)
        #expect(error?.message.contains("secret") == false)
    }
}
