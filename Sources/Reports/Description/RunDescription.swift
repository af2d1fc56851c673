public import Basics
public import Figures
public import MoE

/// The description of a run: with `config.yaml`, all that is needed to run it again.
public struct RunDescription: Codable, Equatable, Sendable {
    /// Id of the run and name of its folder; see ``RunID``.
    public var id: String
    /// Version of epsim.
    public var epsimVersion: String
    /// The configuration, by its path or name.
    public var configName: String
    /// The settings of the configuration file that only other commands read, each with its place; nil where there are
    /// none, and in reports of versions that lack them.
    public var unread: [String]?
    /// The command as it was typed, one element per argument.
    public var commandLine: [String]
    /// Start of the run, UTC, ISO 8601.
    public var startedAt: String
    /// The seed of weights, synthetic input and noise.
    public var seed: UInt64
    /// The clock of every time in the report.
    public var clock: StepClock
    /// The number of measured steps that were asked for, without warm-up.
    public var steps: Int
    /// The number of steps that ran before the first measured one.
    public var warmupSteps: Int
    /// The shape of the model: its stack of MoE layers.
    public var model: ModelShape
    /// The checkpoint that the weights come from, or nil when they are random.
    @OrNull public var checkpoint: CheckpointDescription?
    /// The router in one line, for example `softmax-top-k, top 2, renormalised, dropless`.
    public var router: String
    /// True when the router adapts from step to step, as one with a selection bias does.
    public var routerLearns: Bool
    /// The unit to which the system that the router comes from pads the experts' queues, for example `blocks of 128
    /// rows`; nil where that system does not pad.
    @OrNull public var padding: String?
    /// Element type of the experts' matrix products, for example `f32`.
    public var expertDtype: String
    /// Element type of expert outputs on their way back (combine), for example `bf16`.
    public var payloadDtype: String
    /// Element type of token rows on their way to the experts (dispatch), for example `fp8`.
    public var dispatchDtype: String
    /// The form in which expert outputs come back: `copies`, one row per routed copy, or `presum`, where workers sum
    /// those of a token.
    public var combine: String
    /// The overlap of micro-batches: `none` for one layer of the whole step at a time, or `two-batch`.
    public var overlap: String
    /// The placement of experts on ranks, for example `contiguous`.
    public var placement: String
    /// The transport that tokens travelled over, for example `ipc`.
    public var transport: String
    /// The source of the tokens and their number per step.
    public var workload: WorkloadDescription
    /// The cluster that a prediction is for, or nil for a live run.
    @OrNull public var hardware: HardwareDescription?
    /// The machines, the coordinator's first.
    public var hosts: [HostDescription]
    /// The workers, in rank order.
    public var workers: [RankDescription]

    /// A description of a run with its settings, machines and workers.
    public init(
        id: String,
        epsimVersion: String,
        configName: String,
        unread: [String]? = nil,
        commandLine: [String],
        startedAt: String,
        seed: UInt64,
        clock: StepClock,
        steps: Int,
        warmupSteps: Int,
        model: ModelShape,
        checkpoint: CheckpointDescription? = nil,
        router: String,
        routerLearns: Bool = false,
        padding: String? = nil,
        expertDtype: String,
        payloadDtype: String,
        dispatchDtype: String? = nil,
        combine: String = "copies",
        overlap: String = "none",
        placement: String,
        transport: String,
        workload: WorkloadDescription,
        hardware: HardwareDescription? = nil,
        hosts: [HostDescription],
        workers: [RankDescription]
    ) {
        self.id = id
        self.epsimVersion = epsimVersion
        self.configName = configName
        self.unread = unread
        self.commandLine = commandLine
        self.startedAt = startedAt
        self.seed = seed
        self.clock = clock
        self.steps = steps
        self.warmupSteps = warmupSteps
        self.model = model
        self.checkpoint = checkpoint
        self.router = router
        self.routerLearns = routerLearns
        self.padding = padding
        self.expertDtype = expertDtype
        self.payloadDtype = payloadDtype
        self.dispatchDtype = dispatchDtype ?? payloadDtype
        self.combine = combine
        self.overlap = overlap
        self.placement = placement
        self.transport = transport
        self.workload = workload
        self.hardware = hardware
        self.hosts = hosts
        self.workers = workers
    }
}

extension RunDescription: KeyMeanings {
    /// The meaning of each key in the JSON of this type, by the key in snake case.
    public static let meanings = [
        "checkpoint": "Where the weights come from, or null when they are random.",
        "clock": "The clock of every time in the report.",
        "combine": "The form in which outputs come back: `copies`, or `presum` where workers sum those of a token.",
        "command_line": "The command as it was typed, one element per argument.",
        "config_name": "The configuration, by its path or name.",
        "dispatch_dtype": "Element type of rows on their way to the experts, for example `fp8`.",
        "epsim_version": "Version of epsim.",
        "expert_dtype": "Element type of the experts' products, for example `f32`.",
        "hardware": "The cluster that a prediction is for, or null for a live run.",
        "hosts": "The machines, the coordinator's first.",
        "id": "Id of the run and name of its folder.",
        "model": "The stack of layers.",
        "overlap":
            "The overlap of communication and computation: `none` for one layer of the whole step, or `two-batch`.",
        "padding":
            "To what queues are padded where the router's system pads them, for example `blocks of 128 rows`, or null.",
        "payload_dtype": "Element type of outputs on their way back, for example `bf16`.",
        "placement": "The placement policy, for example `contiguous`.",
        "router": "The router in one line, for example `softmax-top-k, top 2, renormalised, dropless`.",
        "router_learns":
            "True when the router changes from step to step by what it sees, as one with a selection bias does.",
        "seed": "The seed of weights, synthetic input and noise.",
        "started_at": "Start of the run, UTC, ISO 8601.",
        "steps": "Measured steps that were asked for, without warm-up.",
        "transport": "The transport of tokens, for example `ipc`.",
        "unread":
            "The settings of the configuration file that only other commands read, each with its place; else left out.",
        "warmup_steps": "Steps that ran before the first measured one.",
        "workers": "The workers, in rank order.",
        "workload": "The tokens that were routed: their kind, their source and their number a step.",
    ]
}

extension RunDescription {
    /// The entries of a report's header, each with its name: configuration, model, router, workload, cluster and hosts.
    public var entries: [(key: String, value: String)] {
        var entries = [
            ("clock", clock.rawValue), ("config", "\(configName), seed \(seed)"),
        ]
        if let unread { entries.append(("not read", unread.joined(separator: ", "))) }
        entries += [("command", commandLine.joined(separator: " ")), ("model", modelEntry)]
        if let checkpoint { entries.append(("weights", Self.weights(checkpoint))) }
        entries += [("router", router), ("workload", workloadEntry)]
        guard let hardware else {
            return entries + [("cluster", clusterEntry)] + hosts.map { ("host", Self.host($0)) }
        }
        return entries + [
            ("cluster", cluster(hardware)), ("memory", Self.memory(hardware)),
            ("not in any time", "attention and all else outside the MoE layers"),
        ]
    }

    private var modelEntry: String {
        var parts = ["\(model.layers) MoE layers of \(model.expertsInWords)", "hidden \(model.hidden)"]
        let biases = model.expert.hasBiases ? " with biases" : ""
        let clamp = model.expert.clamp.map { clamp in
            let numbers = [clamp.limit, clamp.alpha].map { FixedPoint.text($0, significant: 4) }
            return " (limit \(numbers[0]), alpha \(numbers[1]))"
        }
        let width =
            "expert width \(model.expert.ffn) \(model.expert.activation.rawValue)\(clamp ?? "") \(expertDtype)\(biases)"
        parts.append(model.expert.returnsInput ? "experts return their input" : width)
        if let shared = model.sharedExpert {
            parts.append("shared expert width \(shared.ffn)\(model.hasSharedGate ? " (gated)" : "")")
        }
        if let dense = model.denseExpert { parts.append("dense network width \(dense.ffn)") }
        if model.outputScale != 1 {
            parts.append("outputs times \(FixedPoint.text(Double(model.outputScale), significant: 4))")
        }
        return parts.joined(separator: ", ")
    }

    private static func weights(_ checkpoint: CheckpointDescription) -> String {
        let layers = Counted.noun(checkpoint.layers.count, "layer")
        let forced = checkpoint.forcedOn.map { ", forced on \($0)" } ?? ""
        return "\(layers) \(runs(checkpoint.layers)) of \(checkpoint.file), family \(checkpoint.family)\(forced)"
    }

    /// Return layer numbers as text with consecutive ones joined, for example `1, 3-5, 2`.
    private static func runs(_ numbers: [Int]) -> String {
        var runs: [ClosedRange<Int>] = []
        for number in numbers {
            if let last = runs.last, last.upperBound < number, last.upperBound + 1 == number {
                runs[runs.count - 1] = last.lowerBound...number
            } else {
                runs.append(number...number)
            }
        }
        return runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: ", ")
    }

    private var workloadEntry: String {
        "\(workload.summary), \(workload.tokensPerStep) tokens a step, \(Counted.text(steps, "step"))"
            + (warmupSteps > 0 ? " after \(warmupSteps) of warm-up" : "")
    }

    private var clusterEntry: String {
        var rows = "rows on the wire in \(dispatchDtype)"
        if payloadDtype != dispatchDtype { rows += ", back in \(payloadDtype)" }
        if combine == "presum" { rows += ", summed by the workers" }
        let overlap = overlap == "none" ? "" : ", overlap \(overlap)"
        return "\(workers.count) workers over \(transport), placement \(placement), \(rows)\(overlap)"
    }

    private func cluster(_ hardware: HardwareDescription) -> String {
        let nodes = "\(Counted.text(hardware.nodes, "node")) of \(hardware.ranksPerNode)"
        let overlap = overlap == "none" ? "" : ", overlap \(overlap)"
        return
            "\(workers.count) ranks of \(hardware.profile) (\(hardware.summary)), \(nodes), \(hardware.kernel) kernels, "
            + "products in \(hardware.products), dispatch in \(dispatchDtype), combine in \(payloadDtype), placement "
            + "\(placement)\(overlap)"
    }

    private static func memory(_ hardware: HardwareDescription) -> String {
        let unit = DisplayUnit.gigabytes(decimals: 1)
        return "\(unit.text(hardware.memoryNeededBytes)) of \(unit.full(hardware.memoryBytes)) of a rank, at most"
    }

    private static func host(_ host: HostDescription) -> String {
        var parts = ["\(host.name)", "\(host.cores) cores", "\(host.busyProcesses) busy processes"]
        if let bytes = host.memoryBytes {
            parts.append("memory \(DisplayUnit.bytes([Double(bytes)]).full(Double(bytes)))")
        }
        return (parts + [host.system]).joined(separator: ", ")
    }
}

/// The checkpoint that the weights of a run come from.
public struct CheckpointDescription: Codable, Equatable, Sendable {
    /// Name of the file, folder or index; `config.yaml` has its path.
    public var file: String
    /// The model family whose tensor names and layouts were used, for example `mixtral`.
    public var family: String
    /// Numbers of the checkpoint's layers that the run uses, in the order of the run.
    public var layers: [Int]
    /// What config.json calls the model, where `model.family` forced the family on it; else nil.
    public var forcedOn: String?

    /// The description of layers taken from a checkpoint.
    public init(file: String, family: String, layers: [Int], forcedOn: String? = nil) {
        self.file = file
        self.family = family
        self.layers = layers
        self.forcedOn = forcedOn
    }
}

extension CheckpointDescription: KeyMeanings {
    /// The meaning of each key in the JSON of this type, by the key in snake case.
    public static let meanings = [
        "family": "The family whose names and layouts were used, for example `mixtral`.",
        "file": "Name of the file, folder or index; `config.yaml` has its path.",
        "forced_on": "What config.json calls the model, where `model.family` forced the family on it; else left out.",
        "layers": "Numbers of the layers in the checkpoint, in the order of the run.",
    ]
}

/// The tokens that a run works on: their source, their number per step, and the passes over the input.
public struct WorkloadDescription: Codable, Equatable, Sendable {
    /// The workload in one line, for example `activations from minilm.safetensors: 4096 tokens, cycled 2.5 times`.
    public var summary: String
    /// Tokens of a step.
    public var tokensPerStep: Int
    /// The number of passes over a real input, above 1 where it was cycled; nil for input that has no end.
    @OrNull public var cycles: Double?

    /// A workload in one line.
    public init(summary: String, tokensPerStep: Int, cycles: Double?) {
        self.summary = summary
        self.tokensPerStep = tokensPerStep
        self.cycles = cycles
    }
}

extension WorkloadDescription: KeyMeanings {
    /// The meaning of each key in the JSON of this type, by the key in snake case.
    public static let meanings = [
        "cycles":
            "Passes of the run through a real input, or null for input that has no end; above 1 it was cycled.",
        "summary": "One line, for example `activations from minilm.safetensors: 4096 tokens, cycled 2.5 times`.",
        "tokens_per_step": "Tokens of a step.",
    ]
}

extension ExpertShape: KeyMeanings {
    /// The meaning of each key in the JSON of this type, by the key in snake case.
    public static let meanings = [
        "activation": "The activation between its matrices.",
        "clamp": "The numbers of clamped-swiglu where they are not gpt-oss's.",
        "ffn":
            "Inner width of the expert, F. 0 for experts without weights that return their input, on their ranks like any others: the wire alone.",
        "has_biases": "True when every matrix has a bias behind it (gpt-oss, NLLB-MoE).",
        "hidden": "Width of the token, H.",
    ]
}

extension GateClamp: KeyMeanings {
    /// The meaning of each key in the JSON of this type, by the key in snake case.
    public static let meanings = [
        "alpha": "The steepness of the sigmoid (gpt-oss: 1.702).",
        "limit": "The limit of the results of gate and up matrix (gpt-oss: 7).",
    ]
}

extension ModelShape {
    /// The experts of a layer, for example `512 experts and 256 identity experts`.
    public var expertsInWords: String {
        identityExperts > 0 ? "\(experts) experts and \(identityExperts) identity experts" : "\(experts) experts"
    }
}

extension ModelShape: KeyMeanings {
    /// The meaning of each key in the JSON of this type, by the key in snake case.
    public static let meanings = [
        "dense_expert": "Shape of the dense network beside the experts (Arctic, Grok-2), or null when there is none.",
        "expert": "Shape of each routed expert.",
        "experts": "Routed experts with weights per layer, E.",
        "has_shared_gate": "True when the sigmoid of a projection of the token weighs the shared expert (Qwen2-MoE).",
        "identity_experts":
            "Identity experts per layer, Z: the router ranks them behind the E with weights, and they return their input where the token is (LongCat-Flash, arXiv 2509.01322, section 2.1).",
        "layers": "Number of MoE layers, L.",
        "output_scale": "Multiplies the sum of all outputs of a layer (Grok-2: 1/√2; NLLB-MoE: 1 - its token dropout).",
        "shared_expert":
            "Shape of the shared expert (all shared experts of a layer fused into one width), or null when there is none.",
    ]
}
