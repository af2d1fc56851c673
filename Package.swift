// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "epsim",
    products: [
        .library(name: "Tensors", targets: ["Tensors"]),
        .library(name: "MoE", targets: ["MoE"]),
        .library(name: "CostModel", targets: ["CostModel"]),
        .library(name: "Configuration", targets: ["Configuration"]),
    ],
    dependencies: [
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2")
    ],
    targets: [
        .systemLibrary(name: "CZeroMQ", providers: [.apt(["libzmq3-dev"])]),
        .systemLibrary(name: "COneDNN", providers: [.apt(["libdnnl-dev"])]),
        .target(name: "Tensors"),
        .target(name: "MoE", dependencies: ["Tensors"]),
        .target(name: "CostModel", dependencies: ["MoE"]),
        .target(name: "Configuration", dependencies: ["MoE", .product(name: "Yams", package: "Yams")]),
        .testTarget(name: "TensorsTests", dependencies: ["Tensors"]),
        .testTarget(name: "ConfigurationTests", dependencies: ["Configuration", "MoE"]),
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
