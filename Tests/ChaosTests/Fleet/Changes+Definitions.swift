import Foundation
import TestSupport

/// The files that the commands name.
extension Changes {
    /// The names of the pools, each of which has a folder of its own.
    static var poolFolders: [String] { (0..<6).map { "pool-\($0)" } }

    /// The files that the commands name, each with its text.
    static func definitions(for driver: PrivateLibvirtd.Driver, pools: String) -> [String: String] {
        var files: [String: String] = [:]
        for (place, object) in ObjectClass.allCases.enumerated() {
            for number in 0..<6 {
                for variant in 0...1 {
                    let uuid = "c4a05000-000\(place)-400\(number)-800\(variant)-000000000000"
                    files["\(object)-\(number)-\(variant).xml"] = xml(
                        object,
                        "\(object)-\(number)",
                        uuid,
                        driver,
                        pools
                    )
                }
            }
        }
        return files
    }

    /// The text of an object that no command is about.
    static func lasting(
        _ object: ObjectClass,
        _ number: Int,
        for driver: PrivateLibvirtd.Driver,
        pools: String
    ) -> String {
        let place = ObjectClass.allCases.firstIndex(of: object) ?? 0
        let uuid = "c4a05000-000\(place)-4fff-8000-\(String(format: "%012d", number))"
        return xml(object, "lasting-\(object)-\(number)", uuid, driver, pools)
    }

    static func domain(_ identity: String, of driver: PrivateLibvirtd.Driver) -> String {
        let type = driver == .qemu ? "<type arch='x86_64' machine='pc'>hvm</type>" : "<type>hvm</type>"
        return "<domain type='\(driver)'>\(identity)<memory>1024</memory><os>\(type)</os></domain>"
    }

    private static func xml(
        _ object: ObjectClass,
        _ name: String,
        _ uuid: String,
        _ driver: PrivateLibvirtd.Driver,
        _ pools: String
    ) -> String {
        let common = "<name>\(name)</name><uuid>\(uuid)</uuid>"
        return switch object {
        case .domain: domain(common, of: driver)
        case .network: "<network>\(common)</network>"
        case .pool: "<pool type='dir'>\(common)<target><path>\(pools)/\(name)</path></target></pool>"
        }
    }
}
