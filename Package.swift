// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "epsim",
    products: [
        .library(name: "Tensors", targets: ["Tensors"]),
        .library(name: "MoE", targets: ["MoE"]),
        .library(name: "Placement", targets: ["Placement"]),
        .library(name: "CostModel", targets: ["CostModel"]),
        .library(name: "Reports", targets: ["Reports"]),
    ],
    targets: [
        .systemLibrary(name: "CZeroMQ", providers: [.apt(["libzmq3-dev"])]),
        .systemLibrary(name: "COneDNN", providers: [.apt(["libdnnl-dev"])]),
        .target(name: "Tensors"),
        .target(name: "MoE", dependencies: ["Tensors"]),
        .target(name: "Placement"),
        .target(name: "CostModel", dependencies: ["MoE", "Placement"]),
        .target(name: "Reports", dependencies: ["MoE", "CostModel"]),
        .testTarget(name: "ReportsTests", dependencies: ["Reports", "MoE", "CostModel", "Tensors"]),
        .testTarget(name: "TensorsTests", dependencies: ["Tensors"]),
        .testTarget(
            name: "MoETests",
            dependencies: ["MoE", "Tensors"],
            resources: [.copy("Fixtures")]
        ),
        .testTarget(name: "PlacementTests", dependencies: ["Placement"]),
        .testTarget(name: "CostModelTests", dependencies: ["CostModel", "MoE", "Placement", "Tensors"]),
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
