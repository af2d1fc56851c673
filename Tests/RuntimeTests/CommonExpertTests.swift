import Cluster
import Configuration
import Records
import Runtime
import Testing

/// Shared and dense experts in whole runs: gated or not, on the ranks or on the coordinator.
@Suite struct CommonExpertTests {
    private func run(_ change: (inout RunPlan) -> Void) async throws -> SessionOutcome {
        let configuration = smallConfiguration {
            $0.model.sharedFfn = 48
            change(&$0)
        }
        let outcome = try await InProcessRun.run(configuration, options: SessionOptions(verifies: true))
        #expect(outcome.end == .completed)
        #expect(outcome.wrongTokens == 0)
        return outcome
    }

    @Test(arguments: [false, true], [0, 40])
    func eitherPlaceGivesTheSameOutput(gated: Bool, dense: Int) async throws {
        let side = gated ? GateWeightSide.worker : .coordinator
        var digests: Set<String?> = []
        for site in [SharedSite.ranks, .coordinator] {
            let outcome = try await run {
                $0.model.sharedGate = gated
                $0.model.denseFfn = dense
                $0.model.outputScale = 0.5
                $0.cluster.gateWeights = side
                $0.cluster.shared = site
            }
            digests.insert(outcome.outputDigest)
            let ranks = outcome.steps.flatMap(\.layers).flatMap(\.ranks)
            let visits = ranks.reduce(0) { $0 + $1.sharedTokens }
            #expect(visits == (site == .ranks ? 2 * 2 * 24 * (dense == 0 ? 1 : 2) : 0))
            let layers = outcome.steps.flatMap(\.layers)
            #expect(layers.allSatisfy { ($0.sharedComputeSeconds > 0) == (site == .coordinator) })
            #expect(layers.allSatisfy { $0.sharedSeconds >= 0 })
        }
        #expect(digests.count == 1 && digests.first != .some(nil))
    }

    @Test func gateScaleAndNormChangeTheOutput() async throws {
        let plain = try await run { _ in }.outputDigest
        let changes: [(inout RunPlan) -> Void] = [
            { $0.model.sharedGate = true }, { $0.model.denseFfn = 40 }, { $0.model.outputScale = 0.5 },
            { $0.model.norm = .none }, { $0.model.expertBiases = true },
        ]
        var digests: Set<String?> = [plain]
        for change in changes { digests.insert(try await run(change).outputDigest) }
        #expect(digests.count == changes.count + 1)
    }
}
