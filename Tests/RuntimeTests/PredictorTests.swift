import Cluster
import Configuration
import CostModel
import Foundation
import MoE
import Records
import TestSupport
import Testing
import Workloads

@testable import Runtime

/// Predictions: the routing of a live run, the clock of other hardware.
@Suite struct PredictorTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func predict(
        _ configuration: RunPlan,
        _ changes: [HardwareConstant: Double] = [:]
    ) throws -> Prediction {
        try Predictor(configuration, profile: evenProfile(changes)).run()
    }

    @Test(arguments: ["softmax-top-k", "switch", "deepseek-v3"], [2, 4])
    func routesAsALiveRunDoes(router: String, workers: Int) async throws {
        let configuration = smallConfiguration {
            $0.router.kind = router
            $0.model.experts = 32
            $0.cluster.workers = workers
            $0.workload.kind = .synthetic
            $0.run.steps = 3
        }
        let live = try await InProcessRun.run(configuration)
        let predicted = try predict(configuration)
        #expect(predicted.steps.count == live.steps.count)
        for (mine, theirs) in zip(predicted.steps, live.steps) {
            #expect(mine.step == theirs.step && mine.tokens == theirs.tokens)
            for (layer, other) in zip(mine.layers, theirs.layers) {
                #expect(layer.expertCopies == other.expertCopies)
                #expect(layer.expertDropped == other.expertDropped)
                #expect(layer.importance == other.importance)
                #expect(layer.ranks.map(\.copies) == other.ranks.map(\.copies))
                #expect(layer.traffic.naiveRows == other.traffic.naiveRows)
                #expect(layer.seconds > 0)
            }
            #expect(mine.seconds == mine.layers.reduce(0) { $0 + $1.seconds })
        }
    }

    /// Nothing is warmed up for a router that forgets; its steps are those of a live run all the same.
    @Test(arguments: [("softmax-top-k", 0), ("deepseek-v3", 2)])
    func onlyARouterThatLearnsHasAWarmup(router: String, warmup: Int) throws {
        let configuration = smallConfiguration {
            $0.router.kind = router
            $0.model.experts = 32
            $0.workload.kind = .synthetic
            ($0.run.steps, $0.run.warmup) = (2, 2)
        }
        var layers = 0
        let predicted = try Predictor(configuration, profile: evenProfile([:])).run { done, _ in layers = done }
        #expect(predicted.warmupSteps == warmup && predicted.steps.map(\.step) == [0, 1])
        #expect(layers == (2 + warmup) * configuration.model.layers)
    }

    /// The gate of the model: the first layer sees what a live run's sees, and the others are said not to.
    @Test func gatesReadTheWorkload() async throws {
        let words = String(repeating: "the quick brown fox jumps over the lazy dog. ", count: 20)
        let text = try folder.write(words, as: "text.txt")
        let configuration = smallConfiguration {
            $0.workload.kind = .text
            $0.workload.path = text
        }
        let live = try await InProcessRun.run(configuration)
        let predicted = try predict(configuration)
        #expect(predicted.steps[0].layers[0].expertCopies == live.steps[0].layers[0].expertCopies)
        #expect(predicted.warnings.contains { $0.contains("layer 0 is routed as in a live run") })
    }

    /// The noise of this router reads tokens, though the workload gives the logits.
    @Test func noiseReadsTheWorkload() async throws {
        let configuration = smallConfiguration { $0.router.kind = "noisy-top-k" }
        let live = try await InProcessRun.run(configuration)
        let predicted = try predict(configuration)
        #expect(predicted.steps[1].layers[0].expertCopies == live.steps[1].layers[0].expertCopies)
        #expect(predicted.warnings.contains { $0.contains("layer 0 is routed as in a live run") })
    }

    @Test func expectedLoadsKeepTheirSum() throws {
        var configuration = smallConfiguration { $0.workload.distribution = .zipf }
        configuration.hardware.routing = .expected
        let predicted = try predict(configuration)
        let copies = configuration.workload.tokens * (try configuration.copiesPerToken())
        for layer in predicted.steps.flatMap(\.layers) {
            #expect(layer.expertCopies.reduce(0, +) == copies)
            #expect(layer.ranks.reduce(0) { $0 + $1.copies } == copies)
        }
        #expect(predicted.warnings == [ExpectedTokens.warning])
    }

    @Test func expectedLoadsNeedAPopularity() throws {
        var configuration = smallConfiguration {
            $0.router.kind = "switch"
            $0.router.options.capacityFactor = 1
        }
        configuration.hardware.routing = .expected
        let error = #expect(throws: RuntimeError.self) { try predict(configuration) }
        #expect(
            error?.description.contains("hardware.routing: found expected, allowed: tokens, as the choices") == true
        )
    }

    /// Loads of a file over groups of experts, token by token and on average.
    @Test func expectedLoadsFollowGroups() throws {
        let loads = (0..<2).map { layer in (0..<32).map { 3 + ($0 * 5 + layer) % 4 } }
        let path = try folder.write("{\"logical_count\": \(loads)}", as: "loads.json")
        var configuration = smallConfiguration {
            $0.model.experts = 32
            $0.router.options.topK = 4
            $0.workload.kind = .loads
            $0.workload.path = path
            $0.workload.groups = 4
            $0.workload.groupsKept = 2
            $0.workload.tokens = 4000
            $0.run.steps = 1
        }
        let drawn = try predict(configuration)
        configuration.hardware.routing = .expected
        let expected = try predict(configuration)
        for (one, other) in zip(drawn.steps[0].layers, expected.steps[0].layers) {
            for (drawn, expected) in zip(one.expertCopies, other.expertCopies) {
                #expect(abs(Double(drawn - expected)) < 0.05 * Double(expected) + 5 * Double(expected).squareRoot())
            }
        }
        configuration.router.options.drop = .by(.position)
        configuration.router.options.capacityFactor = 1
        #expect(throws: RuntimeError.self) { try predict(configuration) }
    }

    @Test func whatDoesNotFitIsRefusedWithWhatWould() throws {
        let configuration = smallConfiguration { $0.hardware.reservedGB = 9 }
        let error = #expect(throws: RuntimeError.self) { try predict(configuration) }
        let text = error?.description ?? ""
        #expect(text.hasPrefix("a rank needs 9"))
        #expect(text.contains("set aside 9.0 GB"))
        #expect(text.contains("H100-SXM has 8.0 GB"))
        let few = smallConfiguration {
            $0.model.experts = 64
            $0.cluster.workers = 2
        }
        let error2 = #expect(throws: RuntimeError.self) { try predict(few, [.memoryCapacity: 0.0004]) }
        #expect(error2?.description.contains("ranks would do, if nothing else changes") == true)
    }

    @Test func aSecondPredictionIsTheSame() throws {
        let configuration = smallConfiguration { $0.workload.distribution = .logNormal }
        #expect(try predict(configuration).steps == predict(configuration).steps)
    }

    @Test func interruptionKeepsWholeSteps() throws {
        let interrupt = Interrupt()
        let predictor = try Predictor(smallConfiguration { $0.run.steps = 5 }, profile: evenProfile())
        let predicted = try predictor.run(interrupt: interrupt) { done, _ in if done == 5 { interrupt.raise() } }
        #expect(predicted.isInterrupted)
        #expect(predicted.steps.allSatisfy { $0.layers.count == 2 })
        #expect(predicted.steps.count < 5)
    }
}
