import Cluster
import Configuration
import CostModel
import MoE
import Records
import Runtime
import Tensors
import TestSupport
import Testing
import Workloads

/// Whole runs, however they are cut: the same tokens go to the same experts, and the sums have the same bits.
@Suite struct ChunkedRunTests {
    private func outcome(verifies: Bool = true, _ change: (inout RunPlan) -> Void) async throws
        -> SessionOutcome
    {
        let configuration = smallConfiguration {
            $0.model.sharedFfn = 48
            $0.run.steps = 1
            $0.run.warmup = 0
            change(&$0)
        }
        let outcome = try await InProcessRun.run(configuration, options: SessionOptions(verifies: verifies))
        #expect(outcome.end == .completed)
        #expect(outcome.wrongTokens == (verifies ? 0 : nil))
        return outcome
    }

    /// One worker, one chunk, one micro-batch.
    private func plainDigest() async throws -> String {
        let outcome = try await outcome {
            $0.cluster.workers = 1
            $0.cluster.chunkTokens = 1000
        }
        return try #require(outcome.outputDigest)
    }

    @Test(arguments: 1...4)
    func chunksDoNotChangeTheOutput(workers: Int) async throws {
        let expected = try await plainDigest()
        for chunk in [1, 7, nil] {
            let found = try await outcome {
                $0.cluster.workers = workers
                $0.cluster.chunkTokens = chunk
            }
            #expect(found.outputDigest == expected, "chunks of \(chunk.map(String.init) ?? "all") tokens")
        }
    }

    @Test(arguments: 1...4)
    func twoMicroBatchesDoNotChangeTheOutput(workers: Int) async throws {
        let expected = try await plainDigest()
        for chunk in [1, 7, nil] {
            let found = try await outcome {
                $0.cluster.workers = workers
                $0.cluster.chunkTokens = chunk
                $0.run.overlap = .twoBatch
            }
            #expect(found.outputDigest == expected, "chunks of \(chunk.map(String.init) ?? "all") tokens")
        }
    }

    /// Each worker is sent and returns more than 2 MiB, and has credit for 1 MiB.
    @Test(arguments: [OverlapMode.none, .twoBatch])
    func creditDoesNotChangeTheOutput(overlap: OverlapMode) async throws {
        var digests: Set<String?> = []
        for credit in [1, 64] {
            let outcome = try await outcome(verifies: false) {
                $0.model.layers = 1
                $0.model.hidden = 1024
                $0.model.expertFfn = 16
                $0.workload.tokens = 300
                $0.cluster.creditMib = credit
                $0.run.overlap = credit == 64 ? .none : overlap
            }
            digests.insert(outcome.outputDigest)
        }
        #expect(digests.count == 1 && digests.first != .some(nil))
    }

    @Test(arguments: [SharedSite.ranks, .coordinator], [OverlapMode.none, .twoBatch])
    func sharedExpertsOfEitherSiteAreTheSame(site: SharedSite, overlap: OverlapMode) async throws {
        let expected = try await plainDigest()
        let found = try await outcome {
            $0.cluster.shared = site
            $0.cluster.chunkTokens = 5
            $0.run.overlap = overlap
        }
        #expect(found.outputDigest == expected)
    }

    /// Verified to the tolerance of a sum; its order follows from the placement alone.
    @Test(arguments: [1, 3])
    func presumsAreSumsInAnotherOrder(workers: Int) async throws {
        var digests: Set<String?> = []
        for chunk in [1, 7, nil] {
            let outcome = try await outcome {
                $0.cluster.workers = workers
                $0.cluster.combine = .presum
                $0.cluster.chunkTokens = chunk
            }
            digests.insert(outcome.outputDigest)
        }
        #expect(digests.count == 1 && digests.first != .some(nil))
    }

    @Test func presumsBringBackFewerBytes() async throws {
        let bytes = try await [CombineForm.copies, .presum].asyncMap { form in
            let outcome = try await outcome { $0.cluster.combine = form }
            return outcome.steps.flatMap(\.layers).flatMap(\.ranks).reduce(0) { $0 + $1.combineBytes }
        }
        // Two layers; one row of 32 singles a token less where both copies are on one rank, and one for the shared expert.
        #expect(bytes[0] - bytes[1] >= 2 * 24 * 32 * 4)
    }

    /// Rows in a smaller type on their way out: close to the exact output, and the same for any number of workers.
    @Test(arguments: [NumberFormat.bf16, .fp8])
    func roundedTokensGoTheSameWay(format: NumberFormat) async throws {
        var digests: Set<String?> = []
        for workers in [1, 2, 3] {
            let outcome = try await outcome {
                $0.cluster.workers = workers
                $0.cluster.dispatchPayload = format
                $0.cluster.chunkTokens = 7
            }
            digests.insert(outcome.outputDigest)
            let error = try #require(outcome.outputError)
            #expect(error > 1e-4 && error < (format == .bf16 ? 0.01 : 0.1), "\(error)")
        }
        #expect(digests.count == 1 && digests.first != .some(nil))
    }

    @Test(arguments: [OverlapMode.none, .twoBatch])
    func timesAddUp(overlap: OverlapMode) async throws {
        let outcome = try await outcome {
            $0.cluster.chunkTokens = 3
            $0.run.overlap = overlap
            $0.run.steps = 3
        }
        for step in outcome.steps {
            let layers = step.layers.reduce(0) { $0 + $1.seconds }
            #expect(abs(layers - step.seconds) < 1e-9)
            for layer in step.layers {
                for rank in layer.ranks {
                    let sum = layer.gateSeconds + rank.seconds.total + layer.sharedSeconds + layer.mergeSeconds
                    #expect(abs(sum - layer.seconds) < 1e-9, "layer \(layer.layer), rank \(rank.rank)")
                }
                #expect(layer.coordinator.gate > 0 && layer.coordinator.permute > 0 && layer.coordinator.combine > 0)
            }
        }
    }

    /// A router that ranks all tokens of a step against each other cannot be given halves of it.
    @Test func twoMicroBatchesNeedARouterThatDecidesPerToken() async throws {
        let configuration = smallConfiguration {
            $0.router.kind = "expert-choice"
            $0.run.overlap = .twoBatch
        }
        #expect(
            throws: RuntimeError.configuration(
                "run.overlap: found two-batch, allowed: none, as expert-choice with these settings decides over all tokens "
                    + "of a step together, or draws random numbers for them"
            )
        ) {
            try Session(
                plan: configuration,
                options: SessionOptions(),
                interrupt: Interrupt(),
                log: InProcessRun.silent
            )
        }
    }

    /// Losses are over the whole step, sequences and all, however it was cut.
    @Test func lossesDoNotDependOnOverlap() async throws {
        func losses(_ overlap: OverlapMode) async throws -> [Double] {
            let run = try await outcome(verifies: false) {
                $0.router.kind = "deepseek-v3"
                $0.router.options.topK = 2
                $0.router.options.groups = 1
                $0.router.options.groupsKept = 1
                $0.workload.sequenceTokens = 8
                $0.run.overlap = overlap
            }
            return run.steps.flatMap(\.layers).flatMap(\.losses).map(\.value)
        }
        let whole = try await losses(.none)
        #expect(!whole.isEmpty)
        #expect(try await losses(.twoBatch) == whole)
    }

    @Test func whatWorkersSumIsSavedAsAWhole() async throws {
        let folder = try TemporaryFolder()
        defer { extendLifetime(folder) }
        let configuration = smallConfiguration {
            $0.model.sharedFfn = 48
            $0.cluster.combine = .presum
        }
        let options = SessionOptions(outputsPath: "\(folder.path)/o.safetensors")
        #expect(try await InProcessRun.run(configuration, options: options).end == .completed)
        let saved = try SafetensorsFile(path: "\(folder.path)/o.safetensors")
        #expect(saved.names.contains("layers.0.output"))
        #expect(!saved.names.contains("layers.0.shared_output"))
    }
}

extension Sequence {
    fileprivate func asyncMap<Value>(_ transform: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await transform(element)) }
        return values
    }
}
