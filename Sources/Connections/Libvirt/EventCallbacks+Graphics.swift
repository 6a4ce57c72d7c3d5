internal import CLibvirt

/// Somebody connects to a domain's screen, over VNC or SPICE.
extension EventCallbacks {
    static let domainGraphics: virConnectDomainEventGraphicsCallback = {
        _,
        domain,
        phase,
        local,
        remote,
        authScheme,
        subject,
        opaque in
        deliver(opaque, domain: domain) { copy in
            .graphics(
                HostEvent.Graphics(
                    phase: phase,
                    local: address(local, at: "/local", &copy),
                    remote: address(remote, at: "/remote", &copy),
                    authScheme: copy.text(authScheme, at: "/authScheme"),
                    subject: identities(subject, &copy)
                )
            )
        }
    }

    private static func address(
        _ pointer: UnsafePointer<virDomainEventGraphicsAddress>?,
        at place: String,
        _ copy: inout FieldCopy
    ) -> HostEvent.Graphics.Address? {
        guard let address = pointer?.pointee else { return nil }
        return HostEvent.Graphics.Address(
            family: address.family,
            node: copy.text(address.node, at: place + "/node"),
            service: copy.text(address.service, at: place + "/service")
        )
    }

    private static func identities(
        _ pointer: UnsafePointer<virDomainEventGraphicsSubject>?,
        _ copy: inout FieldCopy
    ) -> [HostEvent.Graphics.Identity] {
        guard let subject = pointer?.pointee, let all = subject.identities, subject.nidentity > 0 else { return [] }
        if subject.nidentity > EventLimits.identities { copy.mark(truncated: "/subject") }
        return (0..<min(Int(subject.nidentity), EventLimits.identities)).map { index in
            HostEvent.Graphics.Identity(
                type: copy.text(all[index].type, at: "/subject/\(index)/type"),
                name: copy.text(all[index].name, at: "/subject/\(index)/name")
            )
        }
    }
}
