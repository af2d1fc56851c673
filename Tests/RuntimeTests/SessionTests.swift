import Cluster
import Configuration
import CostModel
import MoE
import Records
import Runtime
import Testing
import Transport
import Workloads

/// Whole runs in one process.
@Suite struct SessionTests {
    @Test func completesWithEverythingThatAReportNeeds() async throws {
        let outcome = try await InProcessRun.run(smallConfiguration(), options: SessionOptions(verifies: true))
        #expect(outcome.end == .completed)
        #expect(outcome.steps.map(\.step) == [0, 1])
        #expect(outcome.steps.allSatisfy { $0.tokens == 24 && $0.layers.count == 2 && $0.seconds > 0 })
        #expect(outcome.workers.map(\.rank) == [0, 1])
        #expect(
            outcome.workers.allSatisfy { $0.expertsPerLayer == [4, 4] && $0.weightBytes > 0 && !$0.kernels.isEmpty }
        )
        #expect(outcome.workers.allSatisfy { $0.isOnThisMachine && $0.clockUncertaintySeconds == 0 })
        #expect(outcome.checkedTokens == 48)
        #expect(outcome.wrongTokens == 0)
        #expect(outcome.outputDigest?.count == 64)
    }

    @Test func nothingIsClaimedOfAnUnverifiedRun() async throws {
        let outcome = try await InProcessRun.run(smallConfiguration())
        #expect(outcome.checkedTokens == nil && outcome.wrongTokens == nil)
    }

    @Test func noisyRouterDoesNotDependOnTheNumberOfWorkers() async throws {
        var digests: Set<String?> = []
        for workers in [1, 3] {
            let configuration = smallConfiguration {
                $0.router.kind = "noisy-top-k"
                $0.router.options.drop = .by(.position)
                $0.router.options.capacityFactor = 0.6
                $0.cluster.workers = workers
            }
            let outcome = try await InProcessRun.run(configuration, options: SessionOptions(verifies: true))
            #expect(outcome.wrongTokens == 0)
            #expect(outcome.steps.allSatisfy { $0.layers.allSatisfy { $0.expertDropped.reduce(0, +) > 0 } })
            digests.insert(outcome.outputDigest)
        }
        #expect(digests.count == 1 && digests.first != .some(nil))
    }

    @Test func interruptEndsItInOrder() async throws {
        let interrupt = Interrupt()
        interrupt.raise()
        let outcome = try await InProcessRun.run(smallConfiguration(), interrupt: interrupt)
        #expect(outcome.end == .interrupted("ended by the user after 0 measured steps"))
        #expect(outcome.steps.isEmpty)
        #expect(outcome.outputDigest == nil)
    }

    @Test func wrongInputIsAConfigurationError() throws {
        let configuration = smallConfiguration {
            $0.workload.kind = .trace
            $0.workload.path = "/none.safetensors"
        }
        #expect {
            try Session(
                plan: configuration,
                options: SessionOptions(),
                interrupt: Interrupt(),
                log: InProcessRun.silent
            )
        } throws: { error in
            guard case .configuration(let text)? = error as? RuntimeError else { return false }
            return text.hasPrefix("/none.safetensors: ")
        }
    }

    @Test func takenEndpointIsAConfigurationError() throws {
        func session() throws -> Session {
            try Session(
                plan: smallConfiguration(),
                options: SessionOptions(),
                interrupt: Interrupt(),
                log: InProcessRun.silent
            )
        }
        let endpoint = try freshEndpoint()
        let first = try session().listen(endpoint, keys: nil)
        #expect(first.endpoint == endpoint)
        #expect {
            try session().listen(endpoint, keys: nil)
        } throws: { error in
            guard let error = error as? TransportError else { return false }
            return error.isEndpointTaken && error.description.contains("cannot listen at \(endpoint)")
        }
        withExtendedLifetime(first) {}
    }
}
