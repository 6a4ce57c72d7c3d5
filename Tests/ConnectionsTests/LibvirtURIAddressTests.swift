import Connections
import Testing

@Suite("URI and its address")
struct LibvirtURIAddressTests {
    @Test(
        "user and port are put in where the URI has none",
        arguments: [
            ("qemu+ssh://h/system", "salt", 2222, "qemu+ssh://salt@h:2222/system"),
            ("qemu+ssh://h/system?keyfile=/a@b:1#x", "salt", 22, "qemu+ssh://salt@h:22/system?keyfile=/a@b:1#x"),
            ("qemu+ssh://h", "salt", nil, "qemu+ssh://salt@h"),
            ("qemu+ssh://h?a=b", nil, 7, "qemu+ssh://h:7?a=b"),
            ("qemu+ssh://@h/", "salt", nil, "qemu+ssh://salt@h/"),
            ("qemu+ssh://salt@h/", "salt", 22, "qemu+ssh://salt@h:22/"),
            ("qemu+ssh://h:22/", "salt", 22, "qemu+ssh://salt@h:22/"),
            ("qemu+tls://[2001:db8::1]/system", nil, 16514, "qemu+tls://[2001:db8::1]:16514/system"),
            ("qemu+ssh://h/", "a@corp\\b", nil, "qemu+ssh://a%40corp%5Cb@h/"),
            ("qemu+ssh://a%40b@h/", "a@b", nil, "qemu+ssh://a%40b@h/"),
            ("qemu:///system", nil, nil, "qemu:///system"),
        ] as [(String, String?, Int?, String)]
    )
    func added(text: String, user: String?, port: Int?, expected: String) throws {
        let uri = try LibvirtURI(text).addressing(user: user, port: port)
        #expect(uri.text == expected)
        #expect(uri == (try LibvirtURI(expected)))
    }

    @Test(
        "another one that is written already, and no host, are errors",
        arguments: [
            ("qemu+ssh://root@h/", "salt", nil), ("qemu+ssh://h:22/", nil, 23), ("qemu:///system", "salt", nil),
            ("qemu+unix:///system", nil, 22),
        ] as [(String, String?, Int?)]
    )
    func refused(text: String, user: String?, port: Int?) throws {
        let uri = try LibvirtURI(text)
        let error = #expect(throws: LibvirtURI.Malformed.self) { try uri.addressing(user: user, port: port) }
        #expect(error?.message.contains("root") == false, "user names are nobody else's business")
    }
}
