import Figures
import Records
import MoE
import Placement
import Reports

/// Five steps of two layers, four experts and two ranks, small enough to reckon by hand.
enum SmallRun {
    /// Copies `[step][layer][expert]`; rank 0 holds experts 0 and 1.
    static let copies = [
        [[6, 2, 3, 1], [4, 4, 2, 2]],
        [[3, 3, 3, 3], [12, 0, 0, 0]],
        [[1, 5, 2, 4], [0, 6, 6, 0]],
        [[2, 2, 7, 1], [5, 1, 4, 2]],
        [[8, 1, 2, 1], [3, 4, 1, 4]],
    ]
    /// Seconds of each step.
    static let seconds = [0.010, 0.012, 0.011, 0.020, 0.013]
    static func placement(layers: Int = 2) throws -> Placement {
        try PlacementPolicy.contiguous.placement(layers: layers, experts: 4, ranks: 2)
    }

    static var description: RunDescription { Fixtures.description(ranks: 2, layers: 2, steps: 5) }

    static var steps: [StepRecord] {
        copies.indices.map { step in
            let layers = (0..<2).map { Self.layer($0, copies[step][$0], seconds: seconds[step] / 2) }
            return StepRecord(step: step, tokens: 6, seconds: seconds[step], layers: layers)
        }
    }

    /// The same steps with shared experts on the coordinator: 2 ms of work in each layer, of which 0.5 ms are left when
    /// the ranks are done.
    static var withSharedExperts: [StepRecord] {
        changed { layer in
            layer.sharedSeconds = 0.5e-3
            layer.sharedComputeSeconds = 2e-3
            layer.mergeSeconds += 1e-3
            layer.seconds += 1.5e-3
        }
    }

    /// The same steps with `change` made to every layer; the seconds of a step follow.
    static func changed(_ change: (inout LayerRecord) -> Void) -> [StepRecord] {
        steps.map { step in
            var step = step
            for layer in step.layers.indices { change(&step.layers[layer]) }
            step.seconds = step.layers.reduce(0) { $0 + $1.seconds }
            return step
        }
    }

    static func report(
        _ steps: [StepRecord] = Self.steps,
        _ run: RunDescription = Self.description,
        end: RunEnd = .completed,
        verification: Verification = .none
    ) throws(ReportError) -> Report {
        try Report(description: run, steps: steps, end: end, verification: verification)
    }

    /// 1 ms of gate and merge together; the ranks share the rest between dispatch, compute, combine and wait.
    private static func layer(_ layer: Int, _ copies: [Int], seconds: Double) -> LayerRecord {
        let ranks = [copies[0] + copies[1], copies[2] + copies[3]].enumerated().map { rank, copies in
            Self.rank(rank, copies, inside: seconds - 1e-3)
        }
        return LayerRecord(
            layer: layer,
            expertCopies: copies,
            expertDropped: copies.map { $0 == 12 ? 4 : 0 },
            importance: copies.enumerated().map { Double($1) * 0.25 + Double($0) * 0.1 },
            tokensWithoutExpert: copies[0] == 12 ? 3 : 0,
            losses: [BalanceLoss(name: "load", value: Double(copies[0]), coefficient: 0.1, valueAtBalance: nil)],
            ranks: ranks,
            traffic: TrafficMatrix(
                ranks: 2,
                naiveRows: [4, 3, 2, 3],
                deduplicatedRows: [3, 2, 1, 2],
                dispatchRowBytes: 100,
                combineRowBytes: 10
            ),
            gateSeconds: 0.75e-3,
            mergeSeconds: 0.25e-3,
            seconds: seconds,
            exposedCommunicationSeconds: 0.5e-3
        )
    }

    private static func rank(_ rank: Int, _ copies: Int, inside: Double) -> RankRecord {
        RankRecord(
            rank: rank,
            copies: copies,
            sharedTokens: 3,
            dispatchBytes: 100 * copies + 64,
            combineBytes: 10 * copies + 64,
            seconds: PhaseSeconds(dispatch: 1e-3, queue: 0.5e-3, compute: 1e-3, combine: 0.5e-3, wait: inside - 3e-3),
            dispatchInFlightSeconds: Double(copies) * 1e-4,
            combineInFlightSeconds: 1e-4
        )
    }
}
