import Cluster
import Configuration
import CostModel
import Foundation
import Records
import Synchronization
import Testing
import Workloads

@testable import Runtime

/// Memory is bounded by the credit, however much a step has to send.
@Suite struct CreditTests {
    /// 600 tokens of 4 KiB, two copies of each.
    @Test(arguments: [OverlapMode.none, .twoBatch])
    func aWorkerNeverHoldsMoreThanItsCredit(overlap: OverlapMode) async throws {
        let configuration = smallConfiguration {
            $0.model.hidden = 1024
            $0.model.expertFfn = 16
            $0.workload.tokens = 600
            $0.cluster.workers = 1
            $0.cluster.creditMib = 1
            $0.run.steps = 1
            $0.run.warmup = 0
            $0.run.overlap = overlap
        }
        let worker = HoldingWorker()
        let outcome = try await worker.outcome(of: configuration)
        #expect(outcome.end == .completed)
        let most = worker.mostHeld.withLock { $0 }
        #expect(most <= 1 << 20, "\(most) bytes")
        // Two chunks at a time: one travels while the other is computed.
        #expect(most > 1 << 19, "\(most) bytes")
        #expect(worker.batches.withLock { $0 } >= 2 * 7)
    }
}
