import Cluster
import ConfigurationSupport
import Foundation
import MoE
import Runtime
import Testing
import Workloads

@testable import Configuration

@Suite("The configurations that come with epsim")
struct ShippedConfigurationTests {
    private static let files =
        (try? FileManager.default.contentsOfDirectory(atPath: shippedConfigurations))?
        .filter { $0.hasSuffix(".yaml") }.sorted() ?? []

    @Test("are all there")
    func names() {
        let expected = [
            "activations", "deepseek-v3-laptop", "loss-free", "mixtral-laptop", "olmoe-laptop", "quickstart",
            "synthetic",
            "text", "trace",
        ]
        #expect(Set(expected.map { "\($0).yaml" }).isSubset(of: Self.files))
    }

    @Test("load with the files they name", arguments: files)
    func load(_ name: String) throws {
        let resolved = try ConfigurationLoader.load(file: "\(shippedConfigurations)/\(name)", environment: [:])
        let shape = resolved.plan.modelShape
        let shared = shape.layers * (shape.sharedExpert?.parameterCount ?? 0)
        #expect((shape.routedParameterCount + shared) * 4 < 1_500_000_000, "weights fit a laptop")
        #expect(resolved.plan.cluster.workers == 4)
    }

    @Test("say what they are for")
    func quickstart() throws {
        let file = "\(shippedConfigurations)/quickstart.yaml"
        let quick = try ConfigurationLoader.load(file: file, environment: [:]).plan
        #expect(quick.workload.kind == .activations && quick.model.hidden == 384 && quick.model.experts == 16)
        let laptop = "\(shippedConfigurations)/deepseek-v3-laptop.yaml"
        let deepseek = try ConfigurationLoader.load(file: laptop, environment: [:]).plan
        #expect(deepseek.model.experts == 256 && deepseek.model.sharedFfn == 128)
        let rule = try #require(try deepseek.makeRouter() as? TopKRouter).rule
        #expect(rule == RouterCatalogue.entry(named: "deepseek-v3")?.rule)
        let lossFree = "\(shippedConfigurations)/loss-free.yaml"
        let learning = try ConfigurationLoader.load(file: lossFree, environment: [:]).plan
        #expect((try learning.makeRouter() as? TopKRouter)?.rule.bias?.rate == 0.002 && learning.run.steps >= 100)
    }
}
