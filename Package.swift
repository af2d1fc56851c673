// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "epsim",
    products: [
        .library(name: "Tensors", targets: ["Tensors"]),
        .library(name: "MoE", targets: ["MoE"]),
        .library(name: "CostModel", targets: ["CostModel"]),
        .library(name: "Workloads", targets: ["Workloads"]),
    ],
    targets: [
        .systemLibrary(name: "CZeroMQ", providers: [.apt(["libzmq3-dev"])]),
        .systemLibrary(name: "COneDNN", providers: [.apt(["libdnnl-dev"])]),
        .target(name: "Tensors"),
        .target(name: "MoE", dependencies: ["Tensors"]),
        .target(name: "CostModel", dependencies: ["MoE"]),
        .target(name: "Workloads", dependencies: ["MoE", "Tensors"]),
        .testTarget(name: "TensorsTests", dependencies: ["Tensors"], exclude: ["Fixtures"]),
        .testTarget(name: "WorkloadsTests", dependencies: ["MoE", "Tensors", "Workloads"]),
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
