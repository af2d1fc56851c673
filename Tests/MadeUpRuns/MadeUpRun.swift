public import Figures
import MoE
public import Placement
public import Records
public import Reports

/// A made-up run: what was run, and what every step recorded. Tests change what they are about.
public struct MadeUpRun: Sendable {
    /// What was run.
    public var description: RunDescription
    /// The measured steps.
    public var steps: [StepRecord]

    /// A run whose loads and times are drawn, and whose phases add up to all but 20 µs of each step.
    ///
    /// - Parameters:
    ///   - experts: of each layer, as many on every rank; nil for two on every rank.
    ///   - seed: what loads and times are drawn from.
    public init(ranks: Int = 3, layers: Int = 2, experts: Int? = nil, steps: Int = 7, seed: UInt64 = 1) {
        let experts = experts ?? 2 * ranks
        description = RunDescription(ranks: ranks, layers: layers, experts: experts, steps: steps)
        let drawn = DrawnLayers(ranks: ranks, experts: experts, seed: seed)
        self.steps = (0..<steps).map { step in
            let records = (0..<layers).map { drawn.layer($0, ofStep: step) }
            return StepRecord(
                step: step,
                tokens: RunDescription.madeUpTokens,
                seconds: records.reduce(20e-6) { $0 + $1.seconds },
                layers: records
            )
        }
    }

    init(description: RunDescription, steps: [StepRecord]) {
        (self.description, self.steps) = (description, steps)
    }

    /// The report of the run, or of other steps or another description in place of its own.
    public func report(
        _ steps: [StepRecord]? = nil,
        _ description: RunDescription? = nil,
        end: RunEnd = .completed,
        verification: Verification = .none,
        outputDigest: String? = nil,
        prediction: HostPrediction? = nil,
        rebalances: [RebalanceRecord]? = nil,
        notes: [String] = []
    ) throws(ReportError) -> Report {
        try Report(
            description: description ?? self.description,
            steps: steps ?? self.steps,
            end: end,
            verification: verification,
            outputDigest: outputDigest,
            prediction: prediction,
            rebalances: rebalances,
            notes: notes
        )
    }

    /// A rebalance of which everything is known.
    public static var rebalance: RebalanceRecord {
        var record = RebalanceRecord(step: 3, reason: "imbalance 1.42, above 1.20")
        (record.layersSwitched, record.layersKept, record.refusals) = (2, 1, ["layer 3: rank 1: no room"])
        (record.copies, record.bytes, record.mostBytes) = (31, 31 << 20, 9 << 20)
        (record.planningSeconds, record.blockedSeconds, record.backgroundSeconds) = (0.012, 0.012, 0.9)
        (record.loadingSeconds, record.stepsUntilSwitched) = (0.8, 2)
        (record.imbalanceBefore, record.imbalanceAfter, record.imbalanceExpected) = (1.419, 1.04, 1.027)
        (record.secondsBefore, record.secondsMeanwhile, record.secondsAfter) = (0.3, 0.31, 0.25)
        (record.breakEvenExpected, record.breakEvenMeasured) = (3, 0.64)
        return record
    }

    /// The report of the run with all its tokens verified and a digest of its outputs.
    public func verifiedReport(end: RunEnd = .completed) throws(ReportError) -> Report {
        let tokens = steps.reduce(0) { $0 + $1.tokens }
        return try report(
            end: end,
            verification: Verification(wrongTokens: 0, checkedTokens: tokens),
            outputDigest: String(repeating: "ab", count: 32)
        )
    }

    /// Where its experts are: in runs, in all layers alike.
    public var placement: Placement {
        get throws(PlacementError) { try placement(layers: description.model.layers) }
    }

    /// The same for another number of layers.
    public func placement(layers: Int) throws(PlacementError) -> Placement {
        try PlacementPolicy.contiguous.placement(
            layers: layers,
            experts: description.model.experts,
            ranks: description.workers.count
        )
    }
}
