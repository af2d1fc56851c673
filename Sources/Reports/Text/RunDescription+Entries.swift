import Basics
import MoE

extension RunDescription {
    /// What was run, by name: for the header of a report.
    public var entries: [(key: String, value: String)] {
        var entries = [
            ("clock", clock.rawValue), ("config", "\(configName), seed \(seed)"),
            ("command", commandLine.joined(separator: " ")), ("model", modelEntry),
        ]
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
        var parts = ["\(model.layers) MoE layers of \(model.experts) experts", "hidden \(model.hidden)"]
        let biases = model.expert.hasBiases ? " with biases" : ""
        let width = "expert width \(model.expert.ffn) \(model.expert.activation.rawValue) \(expertDtype)\(biases)"
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
        return "\(layers) \(runs(checkpoint.layers)) of \(checkpoint.file), family \(checkpoint.family)"
    }

    /// Numbers with runs shortened, for example `1, 3-5, 2`.
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
        "\(workload.summary), \(workload.tokensPerStep) tokens a step, \(steps) steps after "
            + "\(warmupSteps) of warm-up"
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
