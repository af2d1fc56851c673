import MoE
import Records

extension Figure {
    /// Seconds in flight, dispatch and combine, of the busiest rank of each layer.
    private static let inFlight = Amount(
        "Seconds in flight, dispatch and combine, of the rank of each layer where they are most, summed over layers.",
        metric: "communication_seconds",
        isPerLayer: false
    ) { sample in
        sample.record.ranks.map { $0.dispatchInFlightSeconds + $0.combineInFlightSeconds }.max() ?? 0
    }
    private static let exposed = Amount(
        "Seconds during which data travelled while no rank and not the coordinator computed, summed over layers.",
        metric: "exposed_communication_seconds",
        isPerLayer: false
    ) { $0.record.exposedCommunicationSeconds }
    private static let exposedAlone = Amount("Seconds exposed without overlap.") {
        $0.record.exposedWithoutOverlapSeconds
    }
    private static let bytesOut = Amount("Bytes sent to the ranks.") { sample in
        Double(sample.record.ranks.reduce(0) { $0 + $1.dispatchBytes })
    }
    private static let bytesBack = Amount("Bytes received from the ranks.") { sample in
        Double(sample.record.ranks.reduce(0) { $0 + $1.combineBytes })
    }

    /// Seconds of communication per step, overlapped or not, of the busiest rank of each layer.
    public static let communicationSeconds = Figure(
        "communication.total_seconds",
        columns: ["communication_seconds"],
        "communication",
        "in flight, both ways, busiest rank of each layer",
        "seconds in flight, dispatch + combine, of the busiest rank of each layer, summed over layers, mean per step",
        .seconds,
        .lower,
        .perStep(inFlight)
    )

    /// Seconds of communication per step / mean seconds of a step; may exceed 1, since dispatch and combine overlap.
    public static let communicationShare = Figure(
        "communication.total_share",
        aliases: ["communication-share"],
        "communication / step",
        "in flight / step",
        "communication.total_seconds / mean seconds of a step; dispatch and combine may overlap, so it may pass 1",
        .share,
        .lower,
        .shareOfTime(inFlight)
    )

    /// Seconds per step during which data travels while neither a rank nor the coordinator computes.
    public static let exposedSeconds = Figure(
        "communication.exposed_seconds",
        "exposed communication",
        "in flight while nothing computed",
        "seconds during which data travelled while no rank and not the coordinator computed, summed over layers, mean per step",
        .seconds,
        .lower,
        .perStep(exposed)
    )

    /// Seconds of exposed communication per step / mean seconds of a step.
    public static let exposedShare = Figure(
        "communication.exposed_share",
        aliases: ["exposed-share"],
        columns: ["exposed_share"],
        "exposed / step",
        "exposed / step",
        "communication.exposed_seconds / mean seconds of a step",
        .share,
        .lower,
        isMain: true,
        .shareOfTime(exposed)
    )

    /// Seconds of exposed communication per step if no micro-batch had computed while another's data travelled.
    public static let exposedAloneSeconds = Figure(
        "communication.exposed_without_overlap_seconds",
        "exposed, no overlap",
        "had no micro-batch computed meanwhile",
        "communication.exposed_seconds had no micro-batch computed while another's data was on its way, mean per step",
        .seconds,
        .lower,
        isCompared: false,
        .perStep(exposedAlone)
    )

    /// Seconds of communication exposed without overlap, per step / mean seconds of a step.
    public static let exposedAloneShare = Figure(
        "communication.exposed_without_overlap_share",
        "exposed, no overlap / step",
        "exposed, no overlap / step",
        "communication.exposed_without_overlap_seconds / mean seconds of a step",
        .share,
        .lower,
        isCompared: false,
        .shareOfTime(exposedAlone)
    )

    /// Bytes sent to the ranks per step.
    public static let bytesOutPerStep = Figure(
        "communication.bytes.dispatch_per_step",
        "bytes out",
        "envelopes and payloads sent to the ranks",
        "bytes sent to ranks / steps",
        .bytes,
        .lower,
        .perStep(bytesOut)
    )

    /// Bytes received from the ranks per step.
    public static let bytesBackPerStep = Figure(
        "communication.bytes.combine_per_step",
        "bytes in",
        "envelopes and payloads received from the ranks",
        "bytes received from ranks / steps",
        .bytes,
        .lower,
        .perStep(bytesBack)
    )

    static let communication = [
        communicationSeconds, communicationShare, exposedSeconds, exposedShare, exposedAloneSeconds, exposedAloneShare,
        Figure(
            "communication.bytes.dispatch",
            "bytes out, all",
            "all steps",
            "bytes sent to ranks, envelopes and payloads, all steps; not counted are control messages, heartbeats and the "
                + "framing of ZeroMQ, TCP and IP",
            .bytes,
            .lower,
            .total(bytesOut)
        ),
        Figure(
            "communication.bytes.combine",
            "bytes in, all",
            "all steps",
            "bytes received from ranks, envelopes and payloads, all steps",
            .bytes,
            .lower,
            .total(bytesBack)
        ),
        bytesOutPerStep, bytesBackPerStep,
    ]

    /// Bytes per step of token rows between ranks, one row per routed copy.
    public static let naiveBytes = Figure(
        "communication.traffic.naive_bytes_between_ranks",
        "traffic, naive",
        "token rows between ranks, one per copy",
        "the part of communication.traffic.naive_bytes off the diagonal, bytes per step",
        .bytes,
        .lower,
        isCompared: false,
        .said(.number, isKnown: false)
    )

    /// Bytes per step of token rows between ranks, one row per (token, rank).
    public static let deduplicatedBytes = Figure(
        "communication.traffic.deduplicated_bytes_between_ranks",
        "traffic, deduplicated",
        "token rows between ranks, one per token and rank",
        "the part of communication.traffic.deduplicated_bytes off the diagonal, bytes per step",
        .bytes,
        .lower,
        isCompared: false,
        .said(.number, isKnown: false)
    )

    static let traffic = [naiveBytes, deduplicatedBytes]

    private static let ownExperts = Amount("Seconds of the coordinator's shared and dense experts.") {
        $0.record.sharedComputeSeconds
    }

    /// Seconds per step of the coordinator's own common experts (shared and dense), overlapped or not.
    public static let sharedComputeSeconds = Figure(
        "time.shared_compute_seconds",
        "shared experts, coordinator",
        "coordinator at work, overlapped or not",
        "seconds of the coordinator's shared and dense experts, overlapped or not, summed over layers, mean per step",
        .seconds,
        .lower,
        isCompared: false,
        .perStep(ownExperts)
    )

    /// Seconds per step of the coordinator's own common experts / mean seconds of a step.
    public static let sharedComputeShare = Figure(
        "time.shared_compute_share",
        "shared experts, coordinator / step",
        "at work / step",
        "time.shared_compute_seconds / mean seconds of a step",
        .share,
        .lower,
        isCompared: false,
        .shareOfTime(ownExperts)
    )

    private static func work(_ key: String, _ title: String, _ what: String, _ work: Amount) -> Figure {
        Figure(
            "coordinator.\(key)",
            title,
            what,
            "processor seconds of the coordinator's own thread per step: \(what)",
            .seconds,
            .lower,
            isCompared: false,
            .perStep(work)
        )
    }

    private static let coordinatorWork = Amount("Processor seconds of the coordinator's thread.") {
        $0.record.coordinator.total
    }

    /// Processor seconds per step of the coordinator's own thread: a figure per kind of work, then their sum.
    public static let coordinatorParts = [
        work("gate_seconds", "gate", "norm, logits and routing", Amount("Gate.") { $0.record.coordinator.gate }),
        work(
            "permute_seconds",
            "permute",
            "permuting tokens by rank and expert, and encoding them",
            Amount("Permutation.") { $0.record.coordinator.permute }
        ),
        work(
            "combine_seconds",
            "combine",
            "weighted sums of the outputs, and the residual",
            Amount("Sums.") { $0.record.coordinator.combine }
        ),
        work(
            "message_seconds",
            "messages",
            "messages: handing them over, reading them, keeping the cluster's state",
            Amount("Messages.") { $0.record.coordinator.messages }
        ),
        work("total_seconds", "total", "the sum of the four", coordinatorWork),
    ]

    static let coordinator =
        coordinatorParts + [
            Figure(
                "coordinator.share",
                "coordinator / step",
                "work / step",
                "coordinator.total_seconds / mean seconds of a step",
                .share,
                .lower,
                isCompared: false,
                .shareOfTime(coordinatorWork)
            )
        ]

    private static func said(
        _ path: String,
        aliases: [String] = [],
        _ title: String,
        _ definition: String,
        _ unit: Unit,
        _ better: Better = .lower,
        _ form: Form = .number,
        isKnown: Bool = false
    ) -> Figure {
        Figure(
            path,
            aliases: aliases,
            title,
            "",
            definition,
            unit,
            better,
            isCompared: false,
            .said(form, isKnown: isKnown)
        )
    }

    /// The rank whose experts take longest in most (step, layer) pairs.
    public static let busiestRank = said(
        "balance.busiest_rank",
        "slowest rank",
        "the rank whose experts take longest in most (step, layer) pairs",
        .count,
        .neither,
        .whole
    )
    /// The number of (step, layer) pairs in which the busiest rank is the slowest.
    public static let busiestLayers = said(
        "balance.busiest_layers",
        "slowest in",
        "in how many of the (step, layer) pairs that rank is the slowest",
        .count,
        .neither,
        .whole
    )

    /// Compute seconds of the slowest rank / mean over ranks.
    public static let busiestRatio = Figure(
        "balance.busiest_ratio",
        "slowest rank / mean",
        "compute of the slowest / mean",
        "compute seconds of the slowest rank / mean over ranks, mean over the (step, layer) pairs",
        .ratio,
        .lower,
        isCompared: false,
        .mean { $0.computeSeconds.map { LoadStatistics($0).imbalance } }
    )

    /// The part of all steps' time that perfect balance of the ranks would save at most.
    public static let balanceSaving = Figure(
        "balance.saving",
        "saved by perfect balance",
        "slowest - mean / step",
        "the slowest rank's compute seconds less the mean over ranks, summed over the pairs / seconds of all steps: what "
            + "perfect balance saves at most",
        .share,
        .lower,
        isCompared: false,
        .shareOfTime(
            Amount("Compute seconds of the slowest rank over the mean.") { sample in
                sample.computeSeconds.map { ($0.max() ?? 0) - $0.reduce(0, +) / Double($0.count) }
            }
        )
    )

    static let balance = [
        busiestRank, busiestLayers, comparedLayers, busiestRatio, balanceSaving,
    ]

    /// The number of (step, layer) pairs in which every rank has a compute time, so that ranks were compared.
    public static let comparedLayers = Figure(
        "balance.layers",
        "layers compared",
        "",
        "the (step, layer) pairs whose ranks were compared",
        .count,
        .neither,
        isCompared: false,
        .total(Amount("Layers whose ranks were compared.") { $0.computeSeconds == nil ? 0 : 1 })
    )

    /// Seconds of a step by the modelled clock of this machine, mean over steps.
    public static let predictedSeconds = said(
        "prediction.step_seconds",
        "step, modelled",
        "seconds of a step by the modelled clock of this machine on the same routing, mean over steps",
        .seconds,
        isKnown: true
    )
    /// Processor seconds per step of all processes, by the modelled clock of this machine.
    public static let predictedProcessorSeconds = said(
        "prediction.processor_seconds",
        "processor time, modelled",
        "processor seconds of all threads of all processes per step, by that clock",
        .seconds,
        isKnown: true
    )
    /// Modelled seconds of a step / measured median seconds of a step - 1.
    public static let predictionError = said(
        "prediction.step_error",
        "step, modelled / measured",
        "prediction.step_seconds / median of time.step_seconds - 1",
        .ratio,
        .neither
    )

    static let otherTimes = [
        sharedComputeSeconds, sharedComputeShare, predictedSeconds, predictedProcessorSeconds, predictionError,
    ]

    private static func saving(_ key: String, _ title: String, _ what: String, isKnown: Bool = true) -> Figure {
        let definition = "part of all steps' time that \(what) would save, by the same model"
        return said("limits.\(key)", title, definition, .share, isKnown: isKnown)
    }

    /// The rank whose experts take most time in most layers of a prediction.
    public static let limitingRank = said(
        "limits.busiest_rank",
        "slowest rank, modelled",
        "the rank whose experts take most time in most layers",
        .count,
        .neither,
        .whole
    )
    /// The number of predicted layers in which the experts of the limiting rank take most time.
    public static let limitingLayers = said(
        "limits.busiest_layers",
        "slowest in, modelled",
        "in how many of the layers of all steps it does",
        .count,
        .neither,
        .whole
    )
    /// The number of (step, layer) pairs that were predicted.
    public static let limitedLayers = said(
        "limits.layers",
        "layers, modelled",
        "the layers of all steps",
        .count,
        .neither,
        .whole,
        isKnown: true
    )
    /// Modelled time of the slowest rank's experts / mean over ranks, mean over layers.
    public static let limitingRatio = said(
        "limits.busiest_ratio",
        "slowest rank / mean, modelled",
        "time of the slowest rank's experts / mean over ranks, mean over layers",
        .ratio
    )
    /// The part of the predicted time that would be saved if experts and ranks were in perfect balance.
    public static let savedByBalance = saving(
        "balance_saving",
        "saved by balance",
        "perfect balance of experts and ranks"
    )
    /// The part of the predicted time that would be saved if communication took no time.
    public static let savedWithoutCommunication = saving(
        "communication_saving",
        "saved without communication",
        "communication in no time"
    )
    /// The part of the predicted time that would be saved if experts and gates took no time.
    public static let savedWithoutCompute = saving(
        "compute_saving",
        "saved without compute",
        "experts and gates in no time"
    )
    /// The part of the predicted time that would be saved if kernels were launched in no time.
    public static let savedWithoutLaunches = saving(
        "launch_saving",
        "saved without launches",
        "launches of kernels in no time"
    )
    /// The part of the predicted time that would be saved if the slow rank (straggler) were as fast as the others.
    public static let savedWithoutStraggler = saving(
        "straggler_saving",
        "saved without straggler",
        "a cluster without its slow rank",
        isKnown: false
    )
    /// The part of the predicted time that would be saved if links within nodes took no time.
    public static let savedWithoutLinks = saving("link_saving", "saved without links", "links within nodes in no time")
    /// The part of the predicted time that would be saved if links between nodes took no time.
    public static let savedWithoutNics = saving("nic_saving", "saved without NICs", "links between nodes in no time")

    static let limits = [
        limitingRank, limitingLayers, limitedLayers, limitingRatio, savedByBalance, savedWithoutCommunication,
        savedWithoutCompute, savedWithoutLaunches, savedWithoutStraggler, savedWithoutLinks, savedWithoutNics,
    ]

    /// The number of tokens whose outputs differ from those of a plain loop over experts.
    public static let wrongTokens = said(
        "verification.wrong_tokens",
        aliases: ["wrong-tokens"],
        "wrong tokens",
        "tokens whose outputs differ from a plain loop over experts; null when the run was not verified",
        .count,
        .lower,
        .whole
    )
    /// The number of tokens whose outputs were recomputed and compared.
    public static let checkedTokens = said(
        "verification.checked_tokens",
        "tokens checked",
        "tokens that were recomputed and compared; null when the run was not verified",
        .count,
        .neither,
        .whole
    )
    /// The relative error of layer outputs (root mean square) due to the number types of rows on the wire.
    public static let relativeError = said(
        "verification.relative_error",
        "error of outputs",
        "sqrt(sum of squared errors / sum of squares) of layer outputs against rows that travel in singles",
        .ratio
    )

    static let verification = [wrongTokens, checkedTokens, relativeError]
}
