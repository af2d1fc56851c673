// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "epsim",
    products: [
        .library(name: "Tensors", targets: ["Tensors"]),
        .library(name: "MoE", targets: ["MoE"]),
        .library(name: "Placement", targets: ["Placement"]),
        .library(name: "Experts", targets: ["Experts"]),
        .library(name: "CostModel", targets: ["CostModel"]),
        .library(name: "Cluster", targets: ["Cluster"]),
        .library(name: "Transport", targets: ["Transport"]),
    ],
    targets: [
        .systemLibrary(name: "CZeroMQ", providers: [.apt(["libzmq3-dev"])]),
        .systemLibrary(name: "COneDNN", providers: [.apt(["libdnnl-dev"])]),
        .target(name: "Tensors"),
        .target(name: "MoE", dependencies: ["Tensors"]),
        .target(name: "Placement"),
        .target(name: "Experts", dependencies: ["Tensors", "MoE", "COneDNN"]),
        .target(name: "CostModel", dependencies: ["MoE", "Placement"]),
        .target(name: "Cluster", dependencies: ["MoE", "Placement", "Tensors"]),
        .target(name: "Transport", dependencies: ["Tensors", "CZeroMQ"]),
        .testTarget(name: "TensorsTests", dependencies: ["Tensors"]),
        .testTarget(
            name: "MoETests",
            dependencies: ["MoE", "Tensors"],
            resources: [.copy("Fixtures")]
        ),
        .testTarget(name: "PlacementTests", dependencies: ["Placement"]),
        .testTarget(name: "ExpertsTests", dependencies: ["Experts", "MoE", "Tensors"]),
        .testTarget(name: "CostModelTests", dependencies: ["CostModel", "MoE", "Placement", "Tensors"]),
        .testTarget(name: "ClusterTests", dependencies: ["Cluster", "MoE", "Placement", "Tensors"]),
        .testTarget(name: "TransportTests", dependencies: ["Transport", "Tensors"]),
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
