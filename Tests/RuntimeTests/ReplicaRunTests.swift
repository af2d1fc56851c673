import Cluster
import Configuration
import CostModel
import Experts
import MoE
import Placement
import Records
import Tensors
import TestSupport
import Testing
import Workloads

@testable import Runtime

/// Whole runs over a placement made by hand: experts with several slots, and other places in every layer.
@Suite struct ReplicaRunTests {
    /// Experts of each slot, `[layer][rank][slot]`: experts 0 and 5 have three and two slots in layer 0, experts 7, 3 and 0
    /// have two, three and two in layer 1, whose ranks hold more.
    private static let held = [
        [[0, 1, 2, 5], [3, 4, 0], [5, 6, 7, 0]],
        [[7, 0, 1, 3], [2, 3, 7, 4], [5, 6, 3, 0]],
    ]
    /// Cut in two, the second micro-batch begins with token 13, which no number of slots divides.
    private static let tokens = 26

    private func placement() throws -> Placement {
        try Placement(
            layers: Self.held.map { ranks throws(PlacementError) in
                try LayerPlacement(experts: 8, expertsOfRank: ranks)
            }
        )
    }

    /// Popular experts, some of whose copies are dropped; tokens that do not divide evenly, in small chunks.
    private func configuration(_ change: (inout RunPlan) -> Void = { _ in }) -> RunPlan {
        smallConfiguration {
            $0.workload.tokens = Self.tokens
            $0.workload.distribution = .zipf
            $0.router.options.drop = .by(.position)
            $0.router.options.capacityFactor = 1.2
            $0.cluster.workers = 3
            $0.cluster.chunkTokens = 4
            change(&$0)
        }
    }

    private static let changes: [@Sendable (inout RunPlan) -> Void] = [
        { _ in },
        {
            $0.run.overlap = .twoBatch
            $0.router.options.drop = nil
            $0.router.options.capacityFactor = nil
        },
        {
            $0.model.sharedFfn = 48; $0.cluster.chunkTokens = nil
        },
        { $0.model.dtype = .bf16 },
    ]

    @Test(arguments: changes.indices)
    func outputsAreThoseWithoutReplicas(change: Int) async throws {
        let configuration = configuration(Self.changes[change])
        let plain = try await InProcessRun.run(configuration)
        let replicated = try await InProcessRun.run(
            configuration,
            options: SessionOptions(verifies: true, placement: try placement())
        )
        #expect(replicated.end == .completed)
        #expect(replicated.outputDigest == plain.outputDigest && plain.outputDigest != nil)
        #expect(replicated.wrongTokens == 0)
    }

    /// Against a count over the choices that the run saved, with the rule that token t goes to slot t mod n.
    @Test(arguments: changes.indices)
    func ranksComputeTheCopiesOfTheirSlots(change: Int) async throws {
        let configuration = configuration(Self.changes[change])
        let folder = try TemporaryFolder()
        defer { extendLifetime(folder) }
        let path = "\(folder.path)/o.safetensors"
        let outcome = try await InProcessRun.run(
            configuration,
            options: SessionOptions(outputsPath: path, placement: try placement())
        )
        let saved = try SafetensorsFile(path: path)
        for (step, record) in outcome.steps.enumerated() {
            for layer in record.layers {
                let count = try Self.count(saved, step: step, layer: layer.layer)
                #expect(layer.ranks.map(\.copies) == count.copies, "step \(step), layer \(layer.layer)")
                #expect(layer.expertCopies == count.copiesOfExpert, "step \(step), layer \(layer.layer)")
                #expect(layer.traffic.naiveRows == count.rows, "step \(step), layer \(layer.layer)")
                #expect(layer.traffic.deduplicatedRows == count.deduplicated, "step \(step), layer \(layer.layer)")
                #expect(layer.traffic.dispatchRowBytes == 32 * 4 && layer.traffic.combineRowBytes == 32 * 4)
                #expect(
                    count.copies.reduce(0, +) == layer.expertCopies.reduce(0, +) && count.copies.contains { $0 > 0 }
                )
            }
        }
    }

    private struct Count {
        var copies = [0, 0, 0]
        var copiesOfExpert = [Int](repeating: 0, count: 8)
        /// `[source rank * 3 + rank]`.
        var rows = [Int](repeating: 0, count: 9)
        var deduplicated = [Int](repeating: 0, count: 9)
    }

    private static func count(_ saved: SafetensorsFile, step: Int, layer: Int) throws -> Count {
        let rows = step * tokens..<(step + 1) * tokens
        let experts = try saved.tensor(named: "layers.\(layer).topk_index").integers(rows: rows)
        let kept = try saved.tensor(named: "layers.\(layer).kept").integers(rows: rows)
        let width = experts.count / tokens
        var count = Count()
        for token in 0..<tokens {
            // 26 tokens on three ranks: 9, 9 and 8.
            let source = token / 9
            var reached: Set<Int> = []
            for place in token * width..<(token + 1) * width where kept[place] == 1 {
                let expert = Int(experts[place])
                let ranks = held[layer].indices.filter { held[layer][$0].contains(expert) }
                let rank = ranks[token % ranks.count]
                count.copies[rank] += 1
                count.copiesOfExpert[expert] += 1
                count.rows[source * 3 + rank] += 1
                if reached.insert(rank).inserted { count.deduplicated[source * 3 + rank] += 1 }
            }
        }
        return count
    }

    /// What workers hold is their slots over both layers, and what a run asks memory for is the sum.
    @Test func memoryIsCountedBySlots() async throws {
        // Packed weights of such a width have no padding.
        let configuration = configuration { $0.model.hidden = 64 }
        let placement = try placement()
        let outcome = try await InProcessRun.run(configuration, options: SessionOptions(placement: placement))
        let plan = try configuration.productPlan()
        let slot = try HeldBytes(
            configuration.modelShape,
            dtype: .f32,
            plan: plan,
            compute: ComputeEngine(threads: configuration.cluster.threads)
        ).routedExpert
        let workers = outcome.workers.sorted { $0.rank < $1.rank }
        #expect(workers.map(\.weightBytes) == [8, 7, 8].map { $0 * Int(slot) })
        #expect(workers.map(\.expertsPerLayer) == [[4, 4], [3, 4], [4, 4]])
        let need = try MemoryNeed(
            configuration,
            placement: placement,
            includingWorkers: true,
            keepsLayers: false
        )
        #expect(need.weights == Double(workers.reduce(0) { $0 + $1.weightBytes }))
        let setup = try SessionSetup(configuration, SessionOptions(placement: placement), epoch: 1)
        for (worker, assignment) in zip(workers, setup.clusterPlan.assignments) {
            let memory = try ShardMemory(assignment.weights).byteCount
            let beside = try ShardMemory(Self.without(assignment.weights)).byteCount
            #expect(memory - beside == worker.weightBytes - Int(slot), "rank \(worker.rank)")
        }
    }

    /// One slot is left, so that what the largest expert takes on the way is the same.
    private static func without(_ weights: Assignment.Weights) -> Assignment.Weights {
        var less = weights
        less.experts = weights.experts.indices.map { $0 == 0 ? [0] : [] }
        return less
    }

    /// The modelled clock goes by the same slots.
    @Test func aPredictionHasTheLoadsOfTheRun() async throws {
        let configuration = configuration { $0.workload.kind = .synthetic }
        let placement = try placement()
        let live = try await InProcessRun.run(configuration, options: SessionOptions(placement: placement))
        let profile = try evenProfile()
        let predicted = try Predictor(configuration, profile: profile, placement: placement).run()
        #expect(predicted.steps.count == live.steps.count && !live.steps.isEmpty)
        for (mine, theirs) in zip(predicted.steps, live.steps) {
            for (layer, other) in zip(mine.layers, theirs.layers) {
                #expect(layer.ranks.map(\.copies) == other.ranks.map(\.copies))
                #expect(layer.traffic.naiveRows == other.traffic.naiveRows)
                #expect(layer.traffic.deduplicatedRows == other.traffic.deduplicatedRows)
            }
        }
        let work = predicted.model.compute.work
        #expect(predicted.memory.routedWeights == 8 * work.weightBytes)
    }

    @Test func aPlacementOfAnotherModelIsRefused() throws {
        let placement = try placement()
        let error = #expect(throws: RuntimeError.self) {
            try SessionSetup(configuration { $0.model.experts = 9 }, SessionOptions(placement: placement), epoch: 1)
        }
        #expect(
            error?.description.contains(
                "placement: found 2 layers of 8 experts on 3 ranks, allowed: 2 layers of 9 experts on 3 ranks"
            ) == true
        )
    }
}
