import MadeUpRuns
import MoE
import Records
import Reports
import Testing

@Suite("Records that cannot be of the run")
struct RecordCheckTests {
    private static func error(_ change: (inout [StepRecord], inout RunDescription) -> Void) -> String {
        var steps = MadeUpRun.small.steps
        var run = MadeUpRun.small.description
        change(&steps, &run)
        do {
            _ = try MadeUpRun.small.report(steps, run)
            return "no error"
        } catch {
            return error.description
        }
    }

    @Test func indices() {
        #expect(
            Self.error { steps, _ in steps[1].step = 0 } == "step 0 follows step 0; steps must be in order, each once"
        )
        #expect(
            Self.error { steps, _ in steps[1].layers[1].layer = 2 }
                == "step 1: layer 2 is recorded; each of the 2 layers has one record"
        )
        #expect(
            Self.error { steps, _ in steps[1].layers[1].ranks[1].rank = 0 }
                == "step 1, layer 1: rank 0 is recorded; each of the 2 ranks has one record"
        )
        #expect(
            Self.error { steps, _ in steps[0].layers[0].ranks[0].rank = -1 }
                == "step 0, layer 0: rank -1 is recorded; each of the 2 ranks has one record"
        )
        #expect(Self.error { _, run in run.steps = 4 } == "5 steps recorded, but the run has 4")
    }

    @Test func lengths() {
        #expect(
            Self.error { steps, _ in steps[0].layers[1].expertDropped = [] }
                == "step 0, layer 1: copies, drops and importance of [4, 0, 4] experts; the model has 4"
        )
        #expect(
            Self.error { steps, _ in steps[0].layers[1].traffic.naiveRows = [1] }
                == "step 0, layer 1: a traffic matrix of 2 ranks with [1, 4] entries; the run has 2 ranks"
        )
    }

    @Test func loadsThatDoNotFit() {
        #expect(
            Self.error { steps, _ in steps[2].layers[0].smoothLoad = [1, 2, 3] }
                == "step 2, layer 0: a smooth load of 3 experts; the model has 4"
        )
        #expect(
            Self.error { steps, _ in steps[2].layers[0].paddedRows = 11 }
                == "step 2, layer 0: 11 rows after padding; at least the 12 kept copies are needed"
        )
    }

    @Test func counts() {
        let limit = "allowed are 0 to 1099511627776"
        #expect(Self.error { steps, _ in steps[0].tokens = -1 } == "step 0: a count of -1; \(limit)")
        #expect(
            Self.error { steps, _ in steps[0].layers[0].expertCopies[0] = .max }
                == "step 0, layer 0: a count of \(Int.max); \(limit)"
        )
        #expect(
            Self.error { steps, _ in steps[0].layers[0].ranks[1].combineBytes = .max }
                == "step 0, layer 0, rank 1: a count of \(Int.max); \(limit)"
        )
    }

    @Test func times() {
        let limit = "allowed are numbers up to 1000000000.0"
        #expect(Self.error { steps, _ in steps[0].seconds = .nan } == "step 0: a time of nan seconds; \(limit)")
        #expect(
            Self.error { steps, _ in steps[1].layers[1].sharedComputeSeconds = .infinity }
                == "step 1, layer 1: a time of inf seconds; \(limit)"
        )
        #expect(
            Self.error { steps, _ in steps[4].layers[0].exposedCommunicationSeconds = .infinity }
                == "step 4, layer 0: a time of inf seconds; \(limit)"
        )
        #expect(
            Self.error { steps, _ in steps[3].layers[1].exposedWithoutOverlapSeconds = .nan }
                == "step 3, layer 1: a time of nan seconds; \(limit)"
        )
        #expect(
            Self.error { steps, _ in steps[2].layers[0].coordinator.permute = -.infinity }
                == "step 2, layer 0, coordinator: a time of -inf seconds; \(limit)"
        )
        #expect(
            Self.error { steps, _ in steps[0].layers[0].ranks[0].seconds.queue = 1e300 }
                == "step 0, layer 0, rank 0: a time of 1e+300 seconds; \(limit)"
        )
    }

    @Test func descriptions() {
        #expect(
            Self.error { _, run in run.workers[1].rank = 5 }
                == "worker 1 is described as rank 5 with experts in 2 layers; the model has 2"
        )
        #expect(
            Self.error { _, run in run.workers[0].expertsPerLayer = [] }
                == "worker 0 is described as rank 0 with experts in 0 layers; the model has 2"
        )
        #expect(
            Self.error { _, run in run.workers[0].clockOffsetSeconds = .nan }
                == "the clock offset of rank 0 is not a finite number"
        )
        #expect(
            Self.error { _, run in run.workload.cycles = .infinity }
                == "the cycles of the workload are not a finite number"
        )
        #expect(
            Self.error { _, run in run.model.layers = .max }
                == "steps, layers, workers, experts and identity experts are [5, \(Int.max), 2, 4, 0]; each must be "
                + "between 0 and 1048576"
        )
    }
}
