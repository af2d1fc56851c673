import Cluster
import Configuration
import CostModel
import Experts
import Foundation
import MoE
import Placement
import Records
import Tensors
import TestSupport
import Testing
import Workloads

@testable import Runtime

/// Whole runs whose experts move while they go on.
@Suite struct RebalanceRunTests {
    /// Popular experts on three ranks of four slots, placed anew every two steps.
    private func configuration(_ change: (inout RunPlan) -> Void = { _ in }) -> RunPlan {
        smallConfiguration {
            $0.workload.tokens = 26
            $0.workload.kind = .synthetic
            $0.workload.distribution = .zipf
            $0.cluster.workers = 3
            $0.cluster.slots = 12
            $0.cluster.chunkTokens = 4
            $0.cluster.placement = .policy(.busiestRank)
            $0.cluster.rebalancing.trigger = .interval
            $0.cluster.rebalancing.interval = 2
            $0.cluster.rebalanceMode = .blocking
            $0.run.steps = 8
            change(&$0)
        }
    }

    private func still(_ plan: RunPlan) -> RunPlan {
        var plan = plan
        plan.cluster.rebalancing.trigger = .never
        plan.cluster.placement = .policy(.contiguous)
        return plan
    }

    private static let changes: [@Sendable (inout RunPlan) -> Void] = [
        { _ in },
        {
            $0.cluster.rebalanceMode = .background; $0.run.steps = 60
        },
        { $0.run.overlap = .twoBatch },
        {
            $0.model.sharedFfn = 48; $0.cluster.rebalancing.layers = 1
        },
        {
            $0.model.dtype = .bf16; $0.cluster.replicaChoice = .leastLoaded
        },
        {
            $0.cluster.placement = .policy(.eplb); $0.cluster.rebalancing.trigger = .threshold;
            $0.cluster.rebalancing.threshold = 1.01
        },
    ]

    /// Bit for bit, and by the plain loop over experts.
    @Test(arguments: changes.indices)
    func outputsAreThoseOfARunThatStandsStill(change: Int) async throws {
        let plan = configuration(Self.changes[change])
        let plain = try await InProcessRun.run(still(plan))
        let moved = try await InProcessRun.run(plan, options: SessionOptions(verifies: true))
        #expect(moved.end == .completed && plain.end == .completed)
        #expect(moved.outputDigest == plain.outputDigest && plain.outputDigest != nil)
        #expect(moved.wrongTokens == 0)
        #expect(plain.rebalances == nil)
        let records = try #require(moved.rebalances)
        #expect(records.contains { $0.layersSwitched > 0 && $0.copies > 0 && $0.bytes > 0 })
        #expect(records.flatMap(\.refusals).isEmpty)
        #expect(moved.notes.contains { $0.hasPrefix("experts began in contiguous slots") })
    }

    /// What ranks compute after a switch is what the new map gives, and what that cost is written down.
    @Test func loadsFollowTheMapAndCostsAreRecorded() async throws {
        let outcome = try await InProcessRun.run(configuration { $0.cluster.rebalancing.window = 2 })
        let records = try #require(outcome.rebalances)
        let first = try #require(records.first)
        // One step of warm-up is the first of the two before it.
        #expect(first.step == 1 && first.reason == "2 steps since the start")
        #expect(first.layersSwitched + first.layersKept == 2 && first.layersSwitched > 0)
        #expect(first.stepsUntilSwitched == 0, "the next step waits")
        #expect(first.planningSeconds > 0 && first.blockedSeconds > first.planningSeconds)
        #expect(first.loadingSeconds > 0 && first.secondsMeanwhile == nil && first.mostBytes <= first.bytes)
        let (before, after) = (try #require(first.imbalanceBefore), try #require(first.imbalanceAfter))
        #expect(after < before, "\(before) to \(after)")
        // By hand from the records of steps: the two before it, and the two from it on.
        func imbalance(_ steps: Range<Int>) -> Double {
            let all = outcome.steps[steps].map { step in
                let ofLayers = step.layers.map { layer in
                    let copies = layer.ranks.map { Double($0.copies) }
                    return (copies.max() ?? 0) * 3 / copies.reduce(0, +)
                }
                return ofLayers.reduce(0, +) / Double(ofLayers.count)
            }
            return all.reduce(0, +) / Double(all.count)
        }
        #expect(abs(after - imbalance(1..<3)) < 1e-12)
        #expect(abs(try #require(records[1].imbalanceBefore) - imbalance(1..<3)) < 1e-12)
    }

    @Test func whatPaysIsMovedOnceItsPriceIsKnown() async throws {
        let outcome = try await InProcessRun.run(
            configuration {
                $0.cluster.rebalancing.trigger = .breakEven
                $0.cluster.rebalancing.horizon = 1_000_000_000
            }
        )
        let records = try #require(outcome.rebalances)
        #expect(outcome.end == .completed && records.contains { $0.layersSwitched > 0 })
        #expect(records.contains { ($0.breakEvenExpected ?? 0) > 0 })
        let never = try await InProcessRun.run(
            configuration {
                $0.cluster.rebalancing.trigger = .breakEven
                $0.cluster.rebalancing.horizon = 1
                $0.model.hidden = 64
                $0.model.expertFfn = 512
                $0.workload.tokens = 4
            }
        )
        #expect(never.rebalances?.allSatisfy { $0.layersSwitched == 0 && $0.layersKept == 2 } == true)
    }

    /// The files of the weights go while the run goes on: what cannot be loaded is refused by the worker that needs it,
    /// the old map stays, and the run with it.
    @Test func aWorkerThatCannotLoadRefuses() async throws {
        let folder = try TemporaryFolder()
        defer { extendLifetime(folder) }
        let oracle = try OracleCase.fixture("olmoe")
        try folder.write([UInt8](try Data(contentsOf: URL(fileURLWithPath: oracle.weights))), as: "model.safetensors")
        try folder.write([UInt8](try oracle.configuration()), as: "config.json")
        func plan(_ text: String) throws -> RunPlan {
            let file = try folder.write(
                "model: {checkpoint: .}\nworkload: {kind: synthetic, tokens: 32, distribution: zipf}\n"
                    + "run: {steps: 6, warmup: 1}\ncluster: {workers: 2, heartbeat_seconds: 10\(text)}\n",
                as: "b.yaml"
            )
            return try ConfigurationLoader.load(file: file, environment: [:]).plan
        }
        let moving = try plan(
            ", placement: eplb, rebalance: interval, rebalance_interval: 3, rebalance_mode: blocking"
        )
        let plain = try await InProcessRun.run(try plan(""))
        let whole = try await InProcessRun.run(moving)
        #expect(plain.end == .completed && whole.end == .completed)
        #expect(whole.outputDigest == plain.outputDigest && whole.outputDigest != nil)
        #expect(whole.rebalances?.contains { $0.layersSwitched == 1 } == true)
        let path = "\(folder.path)/model.safetensors"
        let outcome = try await InProcessRun.run(moving) { event in
            if case .measured(let step, _) = event, step.step == 0 { try? FileManager.default.removeItem(atPath: path) }
        }
        #expect(outcome.end == .completed && outcome.outputDigest == plain.outputDigest)
        let refusals = outcome.rebalances?.flatMap(\.refusals) ?? []
        #expect(refusals.count == 2 && outcome.rebalances?.allSatisfy { $0.layersSwitched == 0 } == true)
        #expect(
            refusals.allSatisfy { $0.hasPrefix("layer 0: rank ") && $0.contains("cannot load experts of layer 0: ") },
            "\(refusals)"
        )
    }

    @Test func slotsThatDoNotDivideAreRefusedBeforeAnythingStarts() {
        let error = #expect(throws: RuntimeError.self) {
            try SessionSetup(
                configuration {
                    $0.cluster.slots = nil
                    $0.cluster.placement = .policy(.eplb)
                },
                SessionOptions(),
                epoch: 1
            )
        }
        #expect(
            error?.description.contains(
                "cluster.slots: found 8, allowed: a multiple of cluster.workers, which is 3, as cluster.rebalance moves"
            ) == true
        )
    }

    /// Old slots stay until the new ones are there: a run asks memory for both.
    @Test func memoryIsCountedForSlotsThatArrive() throws {
        func weights(_ plan: RunPlan) throws -> Double {
            let placement = try SessionSetup(plan, SessionOptions(), epoch: 1).placement
            return try MemoryNeed(plan, placement: placement, includingWorkers: true, keepsLayers: false).weights
        }
        let (moving, still) = (try weights(configuration()), try weights(still(configuration())))
        #expect(moving == 2 * still)
        #expect(try weights(configuration { $0.cluster.rebalancing.layers = 1 }) == 1.5 * still)
    }
}

/// The memory of a worker's weights.
@Suite struct ArrivingWeightsTests {
    /// Weights that another thread packed give the bits of those that the shard packed itself, in every form.
    @Test(arguments: [ProductForm.Holding.own, .singles, .converted])
    func weightsOfAnotherKernelComputeTheSame(holding: ProductForm.Holding) throws {
        let dtype: DType = holding == .own ? .f32 : .bf16
        let shape = ExpertShape(hidden: 64, ffn: 128, activation: .swiglu)
        let work = WorkClass.hundreds
        let products = shape.products(dtype, work)
        let forms = ProductForms(
            [products.up, products.down].compactMap { product in
                let form = ProductForm.candidates(for: product).first { $0.holding == holding }
                return form.map { ProductForms.Choice(shape: product, form: $0) }
            }
        )
        let model = ModelShape(layers: 1, experts: 2, expert: shape)
        let source = SeededSource(seed: 3, shape: model, gateDeviation: 1)
        func kernel() throws -> ExpertKernel {
            try ExpertKernel(compute: ComputeEngine(threads: 1), shape: shape, dtype: dtype, work: work, forms: forms)
        }
        let (own, other) = (try kernel(), try kernel())
        let input = AlignedBuffer(floats: (0..<5 * 64).map { Float($0 % 13) - 6 })
        func outputs(_ packer: ExpertKernel) throws -> [Float] {
            let first = try packer.pack(try source.expertParameters(of: .routed(0), layer: 0))
            // The other kernel goes on to pack while this one computes.
            _ = try other.pack(try source.expertParameters(of: .routed(1), layer: 0))
            var values = [Float](repeating: 0, count: 5 * 64)
            try unsafe input.withUnsafeBytes { bytes in
                try unsafe values.withUnsafeMutableBytes { target in
                    guard let from = bytes.baseAddress, let to = target.baseAddress else { return }
                    unsafe try own.run(first, rows: 5, input: from, output: to)
                }
            }
            return values
        }
        #expect(try outputs(own) == outputs(other))
        #expect(try outputs(own).contains { $0 != 0 })
    }
}
