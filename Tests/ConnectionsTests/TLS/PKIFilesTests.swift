import Connections
import TestSupport
import Testing

@Suite("where certificates are looked for")
struct PKIFilesTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func files(_ uri: String, _ credentials: Credentials = Credentials()) throws -> PKIFiles {
        let places = PKIFiles.Places(home: folder.file("home"), system: "/system")
        return PKIFiles(try LibvirtURI(uri), credentials, places: places)
    }

    private func write(_ names: String...) throws {
        try folder.makeFolder("home/.pki/libvirt")
        for name in names { try folder.write("", to: "home/.pki/libvirt/\(name)") }
    }

    private let system = PKIFiles(
        authority: "/system/CA/cacert.pem",
        certificate: "/system/libvirt/clientcert.pem",
        key: "/system/libvirt/private/clientkey.pem"
    )

    @Test("a URI's pkipath comes before the credentials' folder, and both before everything else, there or not")
    func folders() throws {
        try write("cacert.pem", "clientcert.pem", "clientkey.pem")
        #expect(try files("qemu+tls://h/system?pkipath=/a%20b", Credentials(pki: "/c")) == PKIFiles(folder: "/a b"))
        #expect(try files("qemu+tls://h/system", Credentials(pki: "/c")) == PKIFiles(folder: "/c"))
    }

    @Test("a user's own files come before the system's; the certificate and its key do so together")
    func own() throws {
        #expect(try files("qemu+tls://h/system") == system)
        try write("clientcert.pem")
        #expect(try files("qemu+tls://h/system") == system)
        try write("clientkey.pem")
        let own = PKIFiles(folder: folder.file("home/.pki/libvirt"))
        #expect(
            try files("qemu+tls://h/system")
                == PKIFiles(authority: system.authority, certificate: own.certificate, key: own.key)
        )
        try write("cacert.pem")
        #expect(try files("qemu+tls://h/system") == own)
    }

    @Test("root has the system's files alone")
    func root() throws {
        let places = PKIFiles.Places(home: nil, system: "/system")
        #expect(PKIFiles(try LibvirtURI("qemu+tls://h/system"), Credentials(), places: places) == system)
    }
}
