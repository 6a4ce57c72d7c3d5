extension EstablishFailure {
    /// The same, with what an operator can do about it when there is one thing to do.
    var withRemedy: EstablishFailure {
        guard let remedy = reason.remedy(for: message), !message.contains(remedy) else { return self }
        return EstablishFailure(reason, "\(message); \(remedy)")
    }
}

extension DownReason {
    /// What to do about a login that is refused.
    ///
    /// The rest of the reasons have causes too many for one sentence, or say by themselves what is wrong.
    fileprivate func remedy(for message: String) -> String? {
        switch self {
        case .authSSH where message.contains("no such identity"):
            "make the key file, or correct ssh: key"
        case .hostkey where message.contains("changed") || message.contains("differs from stored"):
            "it is not the key that the known_hosts file has: find out why before you replace it there"
        case .authPolkit:
            "let this user have org.libvirt.unix.monitor on the host: install ops/polkit there"
        case .authSSH:
            "put the public key into the account's authorized_keys on the host: ops/ssh has the line"
        case .hostkey:
            "compare the host's key with its owner's word, then put it into the known_hosts file"
        case .permission:
            "let the account reach libvirt-sock-ro on the host: the group of unix_sock_group, or ops/polkit"
        case .authSASL:
            "give the host's credentials in auth.conf, and name the file with auth"
        default: nil
        }
    }
}
