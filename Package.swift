// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "epsim",
    products: [
        .executable(name: "epsim", targets: ["epsim"]),
        .library(name: "Basics", targets: ["Basics"]),
        .library(name: "Tensors", targets: ["Tensors"]),
        .library(name: "MoE", targets: ["MoE"]),
        .library(name: "Placement", targets: ["Placement"]),
        .library(name: "Experts", targets: ["Experts"]),
        .library(name: "Workloads", targets: ["Workloads"]),
        .library(name: "Records", targets: ["Records"]),
        .library(name: "Figures", targets: ["Figures"]),
        .library(name: "CostModel", targets: ["CostModel"]),
        .library(name: "Settings", targets: ["Settings"]),
        .library(name: "Configuration", targets: ["Configuration"]),
        .library(name: "Cluster", targets: ["Cluster"]),
        .library(name: "Transport", targets: ["Transport"]),
        .library(name: "Runtime", targets: ["Runtime"]),
        .library(name: "Reports", targets: ["Reports"]),
        .library(name: "Validation", targets: ["Validation"]),
        .library(name: "Pages", targets: ["Pages"]),
        .library(name: "RunStore", targets: ["RunStore"]),
        .library(name: "Monitor", targets: ["Monitor"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
    ],
    targets: [
        .systemLibrary(name: "CMalloc"),
        .systemLibrary(name: "CZeroMQ", providers: [.apt(["libzmq3-dev"])]),
        .systemLibrary(name: "COneDNN", providers: [.apt(["libdnnl-dev"])]),
        .systemLibrary(name: "CSodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(name: "CXXHash", providers: [.apt(["libxxhash-dev"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "Basics"),
        .target(name: "Tensors", dependencies: ["Basics"]),
        .target(name: "MoE", dependencies: ["Basics", "Tensors"]),
        .target(name: "Placement", dependencies: ["MoE"]),
        .target(name: "Experts", dependencies: ["Basics", "Tensors", "MoE", "COneDNN"]),
        .target(name: "Workloads", dependencies: ["Basics", "MoE", "Tensors"]),
        .target(name: "Records", dependencies: ["MoE", "Placement"]),
        .target(name: "Figures", dependencies: ["Basics", "MoE", "Records"]),
        .target(
            name: "CostModel",
            dependencies: ["Basics", "Cluster", "MoE", "Placement", "Records", "Tensors"]
        ),
        .target(name: "Settings", dependencies: ["Basics", .product(name: "Yams", package: "Yams")]),
        .target(
            name: "Configuration",
            dependencies: [
                "Basics", "Cluster", "CostModel", "CSodium", "Experts", "MoE", "Placement", "Records", "Settings",
                "Tensors", "Workloads", .product(name: "Yams", package: "Yams"),
            ]
        ),
        .target(name: "Cluster", dependencies: ["Basics", "CXXHash", "MoE", "Placement", "Tensors"]),
        .target(name: "Transport", dependencies: ["Basics", "Tensors", "CZeroMQ"]),
        .target(
            name: "Runtime",
            dependencies: [
                "Basics", "Cluster", "CMalloc", "Configuration", "CostModel", "CSodium", "Experts", "MoE", "Placement",
                "Records", "Settings", "Tensors", "Transport", "Workloads",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .target(name: "Validation", dependencies: ["Basics", "CostModel", "MoE", "Placement", "Records", "Tensors"]),
        .target(
            name: "Reports",
            dependencies: ["Basics", "MoE", "CostModel", "Figures", "Placement", "Records", "CZlib"]
        ),
        .target(
            name: "Pages",
            dependencies: ["Basics", "CostModel", "Figures", "MoE", "Placement", "Records", "Reports"]
        ),
        .target(
            name: "RunStore",
            dependencies: ["Basics", "Figures", "Reports", .product(name: "GRDB", package: "GRDB.swift")]
        ),
        .target(
            name: "Monitor",
            dependencies: [
                "Basics", "CostModel", "Figures", "MoE", "Pages", "Placement", "Records", "Reports",
                .product(name: "FlyingFox", package: "FlyingFox"),
                .product(name: "FlyingSocks", package: "FlyingFox"),
            ]
        ),
        .executableTarget(
            name: "epsim",
            dependencies: [
                "Basics", "Cluster", "Configuration", "CostModel", "Experts", "Figures", "MoE", "Monitor", "Pages",
                "Placement", "Records", "Reports", "RunStore", "Runtime", "Settings", "Tensors", "Transport",
                "Validation",
                "Workloads",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .target(
            name: "SimulatedNetwork",
            dependencies: ["Cluster", "MoE", "Placement", "Tensors"],
            path: "Tests/SimulatedNetwork"
        ),
        .target(name: "TestSupport", dependencies: ["Basics", "CZlib", "Tensors"], path: "Tests/TestSupport"),
        .testTarget(name: "BasicsTests", dependencies: ["Basics"]),
        .testTarget(name: "TensorsTests", dependencies: ["Tensors"], exclude: ["Fixtures"]),
        .testTarget(name: "MoETests", dependencies: ["Basics", "MoE", "Tensors", "TestSupport"]),
        .testTarget(name: "PlacementTests", dependencies: ["Placement", "MoE", "Tensors"]),
        .testTarget(name: "ExpertsTests", dependencies: ["Experts", "MoE", "Tensors", "TestSupport"]),
        .testTarget(name: "WorkloadsTests", dependencies: ["Workloads", "MoE", "Tensors"]),
        .testTarget(name: "RecordsTests", dependencies: ["Records", "MoE", "Placement", "Tensors"]),
        .testTarget(name: "FiguresTests", dependencies: ["Figures", "MoE", "Records"]),
        .testTarget(name: "CostModelTests", dependencies: ["CostModel", "MoE", "Placement", "Records", "Tensors"]),
        .testTarget(
            name: "ClusterTests",
            dependencies: ["Cluster", "MoE", "Placement", "SimulatedNetwork", "Tensors"]
        ),
        .testTarget(name: "TransportTests", dependencies: ["Basics", "Transport", "Tensors"]),
        .testTarget(name: "SettingsTests", dependencies: ["Basics", "Settings"]),
        .testTarget(
            name: "ConfigurationTests",
            dependencies: [
                "Basics", "Cluster", "Configuration", "CostModel", "Experts", "MoE", "Placement", "Settings", "Tensors",
                "TestSupport", "Workloads",
            ],
            exclude: ["Fixtures"]
        ),
        .testTarget(name: "ValidationTests", dependencies: ["Validation", "Configuration", "CostModel", "MoE"]),
        .testTarget(
            name: "ReportsTests",
            dependencies: [
                "Reports", "Basics", "CostModel", "Figures", "Placement", "Records", "MoE", "Tensors", "TestSupport",
            ]
        ),
        .testTarget(
            name: "PagesTests",
            dependencies: [
                "Pages", "CostModel", "Figures", "Placement", "Records", "MoE", "Reports", "TestSupport",
            ]
        ),
        .testTarget(
            name: "RunStoreTests",
            dependencies: [
                "Figures", "RunStore", "Basics", "CostModel", "Records", "MoE", "Reports", "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            exclude: ["Fixtures"]
        ),
        .testTarget(
            name: "MonitorTests",
            dependencies: ["Monitor", "CostModel", "Figures", "Placement", "Records", "MoE", "Reports", "TestSupport"]
        ),
        .testTarget(
            name: "RuntimeTests",
            dependencies: [
                "Basics", "Cluster", "Configuration", "CostModel", "Experts", "MoE", "Placement", "Records", "Runtime",
                "Settings", "Tensors",
                "Transport", "Workloads",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(
            name: "EpsimTests",
            dependencies: [
                "epsim", "Basics", "Cluster", "Figures", "Reports", "Settings", "Tensors", "TestSupport", "Transport",
            ]
        ),
    ]
)

// One set of compiler rules for every target of the package.
for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .strictMemorySafety(),
        .treatAllWarnings(as: .error),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
    ]
}
