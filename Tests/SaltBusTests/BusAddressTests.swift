import Testing

@testable import SaltBus

@Suite("Address of the bus")
struct BusAddressTests {
    @Test(
        "paths and loopback addresses are addresses",
        arguments: [
            ("/run/salt/pub.ipc", BusAddress.unix("/run/salt/pub.ipc")),
            ("tcp://127.0.0.1:4512", .tcp(host: "127.0.0.1", port: 4512)),
            ("tcp://127.9.9.9:1", .tcp(host: "127.9.9.9", port: 1)),
            ("tcp://[::1]:4513", .tcp(host: "::1", port: 4513)),
        ]
    )
    func wellFormed(text: String, expected: BusAddress) throws {
        #expect(try BusAddress(text) == expected)
        #expect(expected.description == text)
    }

    @Test(
        "anything else is refused",
        arguments: [
            "", "pub.ipc", "tcp://", "tcp://127.0.0.1", "tcp://127.0.0.1:0", "tcp://127.0.0.1:65536",
            "tcp://10.0.0.1:4512",
            "tcp://localhost:4512", "tcp://[::2]:4512", "tcp://0.0.0.0:4512", "http://127.0.0.1:1",
        ]
    )
    func malformed(text: String) {
        #expect(throws: BusAddress.Malformed.self) { try BusAddress(text) }
    }

    @Test("what the system cannot take is a failure, not a connection")
    func unusable() {
        for address in [BusAddress.unix(String(repeating: "/a", count: 54)), .tcp(host: "10.0.0.1", port: 1)] {
            #expect(throws: BusFailure.unusable(address)) { try BusSocket(connectingTo: address, as: .pub) }
        }
    }
}

@Suite("Failures of the bus")
struct BusFailureTests {
    @Test("no permission is one sentence with socket, owner, mode and remedy")
    func permission() {
        let failure = BusFailure.noPermission(
            SocketOwner(path: "/run/salt/master_event_pull.ipc", user: "salt", mode: 0o600),
            isPub: false
        )
        #expect(failure.code == .permission)
        #expect(
            failure.description
                == "/run/salt/master_event_pull.ipc belongs to salt with mode 0600, which keeps this user out; "
                + "run the service as that user (User=salt in its unit)"
        )
    }

    @Test("the service can do without pub, but not without the folder, and the remedy says so")
    func permissionOfPub() {
        let hint = BusFailure.connecting(to: .unix("/etc/passwd"), as: .pub, errno: 13).hint
        #expect(
            hint == "run the service as that user (User=root in its unit), let this one read and write the socket, "
                + "or set bus.confirm: write"
        )
        for (path, side) in [("/etc/passwd", BusSession.Side.pull), ("/no-such-folder/pub", .pub)] {
            let hint = BusFailure.connecting(to: .unix(path), as: side, errno: 13).hint
            #expect(hint == "run the service as that user (User=root in its unit)")
        }
    }

    @Test("the owner is that of the path, or of the folder that can still be looked at")
    func owner() throws {
        #expect(SocketOwner(of: "/etc/passwd")?.user == "root")
        #expect(SocketOwner(of: "/etc/passwd/none/here")?.path == "/etc/passwd")
        #expect(SocketOwner(of: "/no-such-folder/socket")?.path == "/")
        #expect(
            BusFailure.connecting(to: .unix("/etc/passwd"), as: .pull, errno: 13).message.contains("belongs to root")
        )
    }

    @Test(
        "errors of the system have their codes",
        arguments: [
            (111, BusFailure.Code.refused), (2, .missing), (13, .permission), (11, .refused), (110, .timeout),
            (5, .system),
        ] as [(Int32, BusFailure.Code)]
    )
    func codes(errno: Int32, code: BusFailure.Code) {
        #expect(BusFailure.connecting(to: .tcp(host: "127.0.0.1", port: 1), as: .pull, errno: errno).code == code)
    }
}
