// swift-tools-version: 6.2
import PackageDescription

/// One set of settings for every target, so that every build agrees on what is an error.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
    name: "virt-aggregator",
    products: [
        .executable(name: "virt-aggregator", targets: ["Aggregator"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // MARK: C

        .systemLibrary(name: "CLibvirt", pkgConfig: "libvirt", providers: [.apt(["libvirt-dev"])]),
        .target(
            name: "CLibssh",
            // libvirt asks for a version of these, so no linker sees by itself that it is these it is to find.
            linkerSettings: [
                .unsafeFlags(
                    ["ssh_options_set", "ssh_free"].flatMap { ["-Xlinker", "--export-dynamic-symbol=\($0)"] }
                )
            ]
        ),
        .target(name: "CLinux"),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),

        // MARK: Libraries; none of them imports another (`make check` holds them to it)

        .target(
            name: "Connections",
            dependencies: [
                "CLibssh", "CLibvirt", "CLinux", "COpenSSL",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "SaltBus",
            dependencies: ["CLinux", .product(name: "DequeModule", package: "swift-collections")],
            swiftSettings: settings
        ),
        .target(
            name: "Spool",
            dependencies: [
                "CLinux", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: settings
        ),

        // MARK: The service

        .executableTarget(
            name: "Aggregator",
            dependencies: [
                "CLinux", "Connections", "SaltBus", "Spool",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: settings
        ),

        // MARK: Tests

        .target(
            name: "TestSupport",
            dependencies: ["Connections", .product(name: "Logging", package: "swift-log")],
            path: "Tests/TestSupport",
            exclude: ["Scripts"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ConnectionsTests",
            dependencies: [
                "CLibvirt", "Connections", "TestSupport", .product(name: "Logging", package: "swift-log"),
            ],
            resources: [.copy("Fixtures")],
            swiftSettings: settings
        ),
        .testTarget(
            name: "SaltBusTests",
            dependencies: ["SaltBus"],
            resources: [.copy("Fixtures")],
            swiftSettings: settings
        ),
        .testTarget(
            name: "SpoolTests",
            dependencies: ["Spool", .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: settings
        ),
        .testTarget(
            name: "AggregatorTests",
            dependencies: [
                "Aggregator", "CLibvirt", "Connections", "SaltBus", "Spool", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            resources: [.copy("Fixtures")],
            swiftSettings: settings
        ),
        .testTarget(
            name: "IntegrationTests",
            dependencies: ["TestSupport"],
            resources: [.copy("Fixtures")],
            swiftSettings: settings
        ),

        .testTarget(
            name: "ChaosTests",
            dependencies: ["TestSupport"],
            swiftSettings: settings
        ),

        // MARK: Tests that `make test` leaves to targets of their own

        .testTarget(
            name: "GuestTests",
            dependencies: ["Connections", "TestSupport"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "VersionsTests",
            dependencies: ["Connections", "TestSupport", .product(name: "Logging", package: "swift-log")],
            swiftSettings: settings
        ),
    ]
)

// `make fuzz` alone builds it: ordinary builds pay nothing for it, and have no fuzzer to link with.
if Context.environment["VIRT_AGGREGATOR_FUZZ"] != nil {
    package.targets += [
        .executableTarget(
            name: "Fuzz",
            dependencies: ["CLibvirt", "Connections", "SaltBus"],
            path: "Tests/Fuzz",
            swiftSettings: settings
        )
    ]
}
