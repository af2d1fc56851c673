import MoE
public import Records
import Reports

extension MadeUpRun {
    /// Five steps of two layers, four experts and two ranks, small enough to reckon by hand.
    public static let small: MadeUpRun = {
        var description = RunDescription(ranks: 2, layers: 2, experts: 4, steps: smallCopies.count)
        description.workload.tokensPerStep = 6
        let steps = zip(smallCopies, [0.010, 0.012, 0.011, 0.020, 0.013]).enumerated().map { step, record in
            let (copies, seconds) = record
            return StepRecord(
                step: step,
                tokens: 6,
                seconds: seconds,
                layers: (0..<2).map { smallLayer($0, copies[$0], seconds: seconds / 2) }
            )
        }
        return MadeUpRun(description: description, steps: steps)
    }()

    /// Copies `[step][layer][expert]`; rank 0 holds experts 0 and 1.
    private static let smallCopies = [
        [[6, 2, 3, 1], [4, 4, 2, 2]],
        [[3, 3, 3, 3], [12, 0, 0, 0]],
        [[1, 5, 2, 4], [0, 6, 6, 0]],
        [[2, 2, 7, 1], [5, 1, 4, 2]],
        [[8, 1, 2, 1], [3, 4, 1, 4]],
    ]

    /// Seconds of each step.
    public var seconds: [Double] { steps.map(\.seconds) }

    /// The same steps with shared experts on the coordinator: 2 ms of work in each layer, of which 0.5 ms are left when
    /// the ranks are done.
    public var withSharedExperts: [StepRecord] {
        changed { layer in
            layer.sharedSeconds = 0.5e-3
            layer.sharedComputeSeconds = 2e-3
            layer.mergeSeconds += 1e-3
            layer.seconds += 1.5e-3
        }
    }

    /// The same steps with `change` made to every layer; the seconds of a step follow.
    public func changed(_ change: (inout LayerRecord) -> Void) -> [StepRecord] {
        steps.map { step in
            var step = step
            for layer in step.layers.indices { change(&step.layers[layer]) }
            step.seconds = step.layers.reduce(0) { $0 + $1.seconds }
            return step
        }
    }

    /// 1 ms of gate and merge together; the ranks share the rest between dispatch, compute, combine and wait.
    private static func smallLayer(_ layer: Int, _ copies: [Int], seconds: Double) -> LayerRecord {
        let ranks = [copies[0] + copies[1], copies[2] + copies[3]].enumerated().map { rank, copies in
            smallRank(rank, copies, inside: seconds - 1e-3)
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

    private static func smallRank(_ rank: Int, _ copies: Int, inside: Double) -> RankRecord {
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
