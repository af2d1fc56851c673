import Configuration
import Foundation
import Settings
import TestSupport
import Testing

@testable import EpsimApp

@Suite("The router in the header")
struct RouterTextTests {
    private func line(_ settings: [String], _ yaml: String = "cluster: {workers: 1}\n") throws -> String {
        let folder = try TemporaryFolder()
        let file = try folder.write(yaml, as: "a.yaml")
        let overrides = try settings.map { try Override(set: $0) }
        let resolved = try ConfigurationLoader.load(
            file: file,
            overrides: overrides,
            environment: ["EPSIM_CATALOGUE": packageFolder("configs/models")]
        )
        return RouterText(resolved).line
    }

    @Test(
        "an untouched preset changes nothing",
        arguments: [
            "deepseek-v2", "deepseek-v3", "mixtral-8x7b", "olmoe-1b-7b", "kimi-k2", "qwen3-235b-a22b", "dbrx",
        ]
    )
    func untouched(preset: String) throws {
        for training in ["true", "false"] {
            let line = try line(["model.preset=\(preset)", "router.training=\(training)"])
            #expect(!line.contains("changed:"), "\(line)")
        }
    }

    @Test("nor does an untouched system", arguments: ["v-moe", "keep-top-k", "deepseek-v2-5", "switch"])
    func systems(name: String) throws {
        let resolved = try ConfigurationLoader.load(
            system: name,
            size: .laptop,
            overrides: [],
            environment: ["EPSIM_CATALOGUE": packageFolder("configs/models")]
        )
        let line = RouterText(resolved).line
        #expect(!line.contains("changed:"), "\(line)")
    }

    @Test("what somebody changes in a preset is said against the model")
    func changed() throws {
        #expect(
            try line(["model.preset=deepseek-v2", "router.device_factor=2"]).hasSuffix(
                "; changed: drops by device over 2 on 8 devices (from over 1 on 8 devices)"
            )
        )
        #expect(try line(["model.preset=deepseek-v3", "router.top_k=4"]).hasSuffix("; changed: top-k 4 (from 8)"))
    }

    @Test("what is dropped by device is not nothing")
    func devices() throws {
        let line = try line(["model.preset=deepseek-v2"])
        #expect(line.hasSuffix("; drops over 1 x the even share of each of 8 devices"), "\(line)")
        #expect(line.contains("top-6, within 3 of 8 groups"))
    }

    @Test(
        "the capacity is that of the step",
        arguments: [
            // ceil(1.25 x 2 x 512 / 8), and max(4, ceil(1.25 x 2 x 8 / 8)).
            ("512", "(at most 160 an expert)"), ("8", "(at most 4 an expert)"),
        ]
    )
    func capacity(tokens: String, words: String) throws {
        let line = try line(["router.drop=position", "workload.tokens=\(tokens)"])
        #expect(line.contains("top-2") && line.contains(words), "\(line)")
    }
}
