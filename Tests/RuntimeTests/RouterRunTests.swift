import Cluster
import Configuration
import Foundation
import MoE
import Records
import Runtime
import TestSupport
import Testing
import Workloads

/// Every router of the catalogue in whole runs, as its family has it.
@Suite struct RouterRunTests {
    static let names = RouterCatalogue.entries.map(\.name).filter { name in
        name != "replay" && (name != "command" || DocumentedRouter.isRunnable)
    }

    private func configuration(_ name: String, workers: Int, text: String, program: String) -> RunPlan {
        smallConfiguration {
            $0.router.kind = name
            $0.model.experts = 16
            $0.model.expertFfn = 16
            $0.workload.kind = .text
            $0.workload.path = text
            $0.workload.tokens = 32
            $0.cluster.workers = workers
            if name == "command" { $0.router.options.command = ["python3", program] }
            if name == "hierarchical" { $0.router.options.hierarchyGroups = 4 }
        }
    }

    @Test(arguments: names)
    func doesNotDependOnTheNumberOfWorkers(name: String) async throws {
        let folder = try TemporaryFolder()
        defer { extendLifetime(folder) }
        let text = try folder.write((0..<200).map { "word\($0 * $0 % 37)" }.joined(separator: " "), as: "text.txt")
        let program = try folder.write(DocumentedRouter.text(), as: "router.py")
        var digests: Set<String?> = []
        for workers in [1, 3] {
            let outcome = try await InProcessRun.run(
                configuration(name, workers: workers, text: text, program: program),
                options: SessionOptions(verifies: true)
            )
            #expect(outcome.end == .completed)
            #expect(outcome.checkedTokens == 64)
            #expect(outcome.wrongTokens == 0)
            digests.insert(outcome.outputDigest)
        }
        #expect(digests.count == 1 && digests.first != .some(nil))
    }

    /// The bias of DeepSeek-V3 moves between steps, those of the warm-up included, and the check knows it.
    @Test func selectionBiasLearnsOverTheSteps() async throws {
        var violations: [[Double]] = []
        for rate in [0, 0.02] {
            let configuration = smallConfiguration {
                $0.router.kind = "loss-free"
                $0.router.options.topK = 2
                $0.router.options.biasRate = rate
                $0.workload.kind = .synthetic
                $0.workload.distribution = .zipf
                $0.workload.tokens = 256
                $0.run.steps = 30
            }
            let outcome = try await InProcessRun.run(configuration, options: SessionOptions(verifies: true))
            #expect(outcome.wrongTokens == 0)
            violations.append(
                outcome.steps.map { step in
                    let values = step.layers.map { LoadStatistics($0.expertCopies).maxViolation }
                    return values.reduce(0, +) / Double(values.count)
                }
            )
        }
        let end = violations.map { $0.suffix(5).reduce(0, +) / 5 }
        #expect(end[1] < 0.5 * end[0], "without learning \(end[0]), with it \(end[1])")
    }
}
