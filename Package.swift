// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "epsim",
    products: [.executable(name: "epsim", targets: ["epsim"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        .systemLibrary(name: "CMalloc"),
        .systemLibrary(name: "CZeroMQ", providers: [.apt(["libzmq3-dev"])]),
        .systemLibrary(name: "COneDNN", providers: [.apt(["libdnnl-dev"])]),
        .systemLibrary(name: "CSodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(name: "CXXHash", providers: [.apt(["libxxhash-dev"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "Basics"),
        .target(name: "Tensors", dependencies: ["Basics", "CZlib"]),
        .target(name: "MoE", dependencies: ["Basics", "Tensors"]),
        .target(
            name: "Placement",
            dependencies: ["MoE", "Tensors", .product(name: "HeapModule", package: "swift-collections")]
        ),
        .target(name: "Experts", dependencies: ["Basics", "COneDNN", "MoE", "Tensors"]),
        .target(name: "Workloads", dependencies: ["Basics", "MoE", "Tensors"]),
        .target(name: "Records", dependencies: ["MoE", "Placement"]),
        .target(name: "Figures", dependencies: ["Basics", "MoE", "Records"]),
        .target(name: "Cluster", dependencies: ["Basics", "CXXHash", "MoE", "Placement", "Tensors"]),
        .target(name: "CostModel", dependencies: ["Basics", "Cluster", "MoE", "Placement", "Records", "Tensors"]),
        .target(name: "Settings", dependencies: ["Basics", .product(name: "Yams", package: "Yams")]),
        .target(name: "Transport", dependencies: ["Basics", "CZeroMQ", "Tensors"]),
        .target(
            name: "Runtime",
            dependencies: [
                "Basics", "CMalloc", "CSodium", "Cluster", "CostModel", "Experts", "MoE", "Placement", "Records",
                "Tensors", "Transport", "Workloads", .product(name: "Logging", package: "swift-log"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),
        .target(
            name: "Calibration",
            dependencies: [
                "Basics", "Cluster", "CostModel", "Experts", "MoE", "Placement", "Records", "Runtime", "Tensors",
                "Transport", "Workloads", .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .target(
            name: "Interchange",
            dependencies: ["Basics", "Placement", "Settings", .product(name: "Yams", package: "Yams")]
        ),
        .target(
            name: "Configuration",
            dependencies: [
                "Basics", "Cluster", "CostModel", "Experts", "Interchange", "MoE", "Placement", "Runtime", "Settings",
                "Workloads", .product(name: "Yams", package: "Yams"),
            ]
        ),
        .target(name: "Reports", dependencies: ["Basics", "CZlib", "Figures", "MoE", "Placement", "Records"]),
        .target(name: "Pages", dependencies: ["Basics", "Figures", "MoE", "Placement", "Records", "Reports"]),
        .target(
            name: "RunStore",
            dependencies: ["Basics", "Figures", "Records", "Reports", .product(name: "GRDB", package: "GRDB.swift")]
        ),
        .target(
            name: "Monitor",
            dependencies: [
                "Basics", "Figures", "Pages", "Placement", "Records", "Reports",
                .product(name: "FlyingFox", package: "FlyingFox"), .product(name: "FlyingSocks", package: "FlyingFox"),
            ]
        ),
        .target(
            name: "Sweeps",
            dependencies: [
                "Basics", "CSodium", "Configuration", "Figures", "Pages", "Reports", "Runtime", "Settings", "Workloads",
                .product(name: "Yams", package: "Yams"),
            ]
        ),
        .target(
            name: "EpsimApp",
            dependencies: [
                "Basics", "Calibration", "Cluster", "Configuration", "CostModel", "Experts", "Figures", "Interchange",
                "MoE", "Monitor", "Pages", "Placement", "Records", "Reports", "RunStore", "Runtime", "Settings",
                "Sweeps", "Tensors", "Transport", "Workloads", .product(name: "Logging", package: "swift-log"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .executableTarget(
            name: "epsim",
            dependencies: [
                "Basics", "Configuration", "CostModel", "EpsimApp", "Figures", "Interchange", "MoE", "Monitor",
                "Placement", "Reports", "RunStore", "Runtime", "Settings", "Sweeps",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .target(
            name: "ConfigurationSupport",
            dependencies: ["Basics", "Configuration", "Settings", "TestSupport"],
            path: "Tests/ConfigurationSupport"
        ),
        .target(
            name: "MadeUpRuns",
            dependencies: ["Basics", "Figures", "MoE", "Placement", "Records", "Reports", "Tensors", "TestSupport"],
            path: "Tests/MadeUpRuns"
        ),
        .target(
            name: "SimulatedNetwork",
            dependencies: ["Cluster", "MoE", "Placement", "Tensors", "TestSupport"],
            path: "Tests/SimulatedNetwork"
        ),
        .target(name: "TestSupport", dependencies: ["Basics", "CZlib", "Tensors"], path: "Tests/TestSupport"),
        .testTarget(name: "BasicsTests", dependencies: ["Basics", "TestSupport"]),
        .testTarget(name: "TensorsTests", dependencies: ["Tensors", "TestSupport"], exclude: ["Fixtures"]),
        .testTarget(name: "MoETests", dependencies: ["Basics", "MoE", "Tensors", "TestSupport"]),
        .testTarget(name: "PlacementTests", dependencies: ["Basics", "MoE", "Placement", "Tensors", "TestSupport"]),
        .testTarget(name: "ExpertsTests", dependencies: ["Basics", "Experts", "MoE", "Tensors", "TestSupport"]),
        .testTarget(name: "WorkloadsTests", dependencies: ["MoE", "Tensors", "TestSupport", "Workloads"]),
        .testTarget(name: "RecordsTests", dependencies: ["MoE", "Placement", "Records", "Tensors"]),
        .testTarget(name: "FiguresTests", dependencies: ["Figures", "MoE", "Records"]),
        .testTarget(
            name: "ClusterTests",
            dependencies: ["Cluster", "MoE", "Placement", "SimulatedNetwork", "Tensors", "TestSupport"]
        ),
        .testTarget(
            name: "CostModelTests",
            dependencies: ["CostModel", "MoE", "Placement", "Records", "Tensors", "TestSupport"]
        ),
        .testTarget(name: "SettingsTests", dependencies: ["Basics", "Settings"]),
        .testTarget(name: "TransportTests", dependencies: ["Basics", "Tensors", "TestSupport", "Transport"]),
        .testTarget(
            name: "RuntimeTests",
            dependencies: [
                "Basics", "Cluster", "Configuration", "CostModel", "Experts", "MoE", "Placement", "Records", "Runtime",
                "Tensors", "TestSupport", "Transport", "Workloads", .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(
            name: "CalibrationTests",
            dependencies: [
                "Calibration", "Configuration", "CostModel", "Experts", "MoE", "Records", "Runtime", "Tensors",
                "TestSupport",
            ]
        ),
        .testTarget(name: "InterchangeTests", dependencies: ["Interchange", "Placement", "Settings", "TestSupport"]),
        .testTarget(
            name: "ConfigurationTests",
            dependencies: [
                "Basics", "Calibration", "Cluster", "Configuration", "ConfigurationSupport", "CostModel", "Experts",
                "MoE", "Placement", "Records", "Runtime", "Settings", "Tensors", "TestSupport", "Workloads",
            ],
            exclude: ["Fixtures"]
        ),
        .testTarget(
            name: "ReportsTests",
            dependencies: [
                "Basics", "CostModel", "Figures", "MadeUpRuns", "MoE", "Placement", "Records", "Reports", "Tensors",
                "TestSupport",
            ]
        ),
        .testTarget(
            name: "PagesTests",
            dependencies: ["Figures", "MadeUpRuns", "Pages", "Placement", "Records", "Reports", "TestSupport"]
        ),
        .testTarget(
            name: "RunStoreTests",
            dependencies: [
                "Basics", "Figures", "MadeUpRuns", "Records", "Reports", "RunStore", "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            exclude: ["Fixtures"]
        ),
        .testTarget(
            name: "MonitorTests",
            dependencies: ["Figures", "MadeUpRuns", "MoE", "Monitor", "Records", "Reports", "TestSupport"]
        ),
        .testTarget(
            name: "SweepsTests",
            dependencies: [
                "Basics", "Cluster", "Configuration", "ConfigurationSupport", "Figures", "MadeUpRuns", "MoE", "Records",
                "Reports", "Runtime", "Settings", "Sweeps", "TestSupport", "Workloads",
            ]
        ),
        .testTarget(
            name: "EpsimAppTests",
            dependencies: ["Cluster", "Configuration", "EpsimApp", "Runtime", "Settings", "TestSupport", "Workloads"]
        ),
        .testTarget(
            name: "EpsimTests",
            dependencies: ["Basics", "Cluster", "Tensors", "TestSupport", "Transport", "epsim"]
        ),
    ]
)

// A library of each module, and one set of compiler rules for every target of the package.
package.products += package.targets.filter { $0.type == .regular && $0.path == nil }.map {
    .library(name: $0.name, targets: [$0.name])
}
for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .strictMemorySafety(),
        .treatAllWarnings(as: .error),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
    ]
}
