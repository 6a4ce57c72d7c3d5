internal import Connections

/// The way to a host, after all that was said of it.
struct HostRoute {
    var uri: LibvirtURI
    var credentials = Credentials()

    /// What is wrong with it, or of no use.
    var findings: [Diagnostic] = []

    /// The files it needs, where they are named, and what they are.
    var files: [NamedFile] = []
}

extension HostAccess {
    /// Brings a URI and the keys beside it together.
    ///
    /// What the URI itself says holds over the keys of the levels above it. A key of its own level or below that says
    /// something else is an error: nobody could tell which of them was meant.
    func route(to uri: LibvirtURI, written template: URITemplate) -> HostRoute {
        var route = HostRoute(uri: uri)
        let isSSH = [.ssh, .libssh, .libssh2].contains(uri.transport)
        let speaksForItself = uri.transport == nil && uri.host != nil
        address(&route, takesUser: isSSH || speaksForItself, template)
        route.credentials.sshKey = choose(sshKey, "ssh.key", "keyfile", .key, isSSH, template, &route)
        route.credentials.sshKnownHosts = choose(
            knownHosts,
            "ssh.known_hosts",
            "known_hosts",
            .knownHosts,
            isSSH,
            template,
            &route
        )
        route.credentials.pki = choose(pki, "tls.pki", "pkipath", .pki, uri.transport == .tls, template, &route)
        route.credentials.authFile = choose(authFile, "auth", "authfile", .auth, true, template, &route)
        if uri.transport == .ssh {
            route.credentials.sshJump = jump?.value
        } else if let jump, jump.level == .host {
            route.findings.append(Self.unused("ssh.jump", jump.position, uri))
        }
        if uri.transport == .ext {
            if allowsExt, let command = uri.parameters("command").last {
                route.files.append(NamedFile(path: command, use: .command, position: template.position))
            }
            if !allowsExt {
                route.findings.append(
                    Diagnostic(
                        position: template.position,
                        severity: .error,
                        code: .notAllowed,
                        message: "\(template.owner): the ext transport runs a program on this machine",
                        hint: "write allow_ext: true beside the uri if that is meant, else use ssh, tls, tcp or unix"
                    )
                )
            }
        }
        route.findings += (uri.hazards + uri.doubts).map {
            Diagnostic(
                position: template.position,
                severity: .warning,
                code: $0.code,
                message: "\(template.owner): \($0.message)",
                hint: $0.hint
            )
        }
        return route
    }

    /// Puts user and port into the URI.
    private func address(_ route: inout HostRoute, takesUser: Bool, _ template: URITemplate) {
        let transport = route.uri.transport
        let takesPort = route.uri.host != nil && transport != .unix && transport != .ext
        if let user {
            if takesUser, route.uri.host != nil {
                merge(user, "user", template, &route) { uri throws(LibvirtURI.Malformed) in
                    try uri.addressing(user: user.value)
                }
            } else if user.level == .host {
                route.findings.append(Self.unused("user", user.position, route.uri))
            }
        }
        if let port {
            if takesPort {
                merge(port, "port", template, &route) { uri throws(LibvirtURI.Malformed) in
                    try uri.addressing(port: port.value)
                }
            } else if port.level == .host {
                route.findings.append(Self.unused("port", port.position, route.uri))
            }
        }
    }

    private func merge<Value>(
        _ key: Written<Value>,
        _ name: String,
        _ template: URITemplate,
        _ route: inout HostRoute,
        addressing: (LibvirtURI) throws(LibvirtURI.Malformed) -> LibvirtURI
    ) {
        do throws(LibvirtURI.Malformed) {
            route.uri = try addressing(route.uri)
        } catch {
            guard key.level >= template.level else { return }
            route.findings.append(Self.conflict(name, key.position, "another \(name)", template))
        }
    }

    /// Of a key and the URI's own parameter the one that holds; both in the wrong place or at odds are findings.
    private func choose(
        _ key: Written<String>?,
        _ name: String,
        _ parameter: String,
        _ use: NamedFile.Use,
        _ applies: Bool,
        _ template: URITemplate,
        _ route: inout HostRoute
    ) -> String? {
        if applies, let own = route.uri.parameters(parameter).last(where: { !$0.isEmpty }) {
            do throws(MalformedValue) {
                _ = try ValueParser.accessPath.parse(own)
            } catch {
                route.findings.append(
                    Diagnostic(
                        position: template.position,
                        severity: .error,
                        code: error.code,
                        message: "\(template.owner): \(parameter)= of the URI: \(error.message)",
                        hint: error.hint
                    )
                )
                return nil
            }
            if let key, key.level >= template.level, key.value != own {
                route.findings.append(Self.conflict(name, key.position, "another one in \(parameter)=", template))
            }
            route.files.append(NamedFile(path: own, use: use, position: template.position))
            return own
        }
        guard let key else { return nil }
        guard applies else {
            if key.level == .host { route.findings.append(Self.unused(name, key.position, route.uri)) }
            return nil
        }
        route.files.append(NamedFile(path: key.value, use: use, position: key.position))
        return key.value
    }

    private static func conflict(
        _ name: String,
        _ position: Position,
        _ what: String,
        _ template: URITemplate
    ) -> Diagnostic {
        Diagnostic(
            position: position,
            severity: .error,
            code: .conflictingValues,
            message: "\(name): the uri of \(template.owner) at \(template.position) has \(what)",
            hint: "write it in one of the two places"
        )
    }

    private static func unused(_ name: String, _ position: Position, _ uri: LibvirtURI) -> Diagnostic {
        let how =
            uri.transport.map { "over \($0)" } ?? (uri.host == nil ? "on this machine" : "of driver \(uri.driver)")
        return Diagnostic(
            position: position,
            severity: .warning,
            code: .unusedKey,
            message: "\(name) does nothing for a host \(how)",
            hint: "remove it, or write another transport into the uri"
        )
    }
}
