import MoE

extension TerminalReport {
    /// The longest host name shown.
    private static let hostCharacters = 24

    /// What was run, each line after `#`.
    func header() -> [String] {
        let run = report.run
        var lines: [String] = []
        func add(_ key: String, _ value: String) {
            lines += wrapped(value, prefix: "# \(key): ", continuation: "#   ")
        }
        lines += wrapped("epsim \(run.epsimVersion), run \(run.id), started \(run.startedAt)", prefix: "# ")
        add("clock", run.clock.rawValue)
        add("config", "\(run.configName), seed \(run.seed)")
        add("command", run.commandLine.joined(separator: " "))
        add("model", Self.model(run))
        if let checkpoint = run.checkpoint { add("weights", Self.weights(checkpoint)) }
        add("router", run.router)
        add("workload", Self.workload(run))
        if let hardware = run.hardware {
            add("cluster", Self.cluster(hardware, run))
            add("memory", Self.memory(hardware))
            add("not in any time", "attention and all else outside the MoE layers")
            return lines
        }
        add("cluster", Self.cluster(run))
        for host in run.hosts { add("host", Self.host(host)) }
        return lines + rankLines(run.workers)
    }

    private static func model(_ run: RunDescription) -> String {
        let model = run.model
        var parts = ["\(model.layers) MoE layers of \(model.experts) experts", "hidden \(model.hidden)"]
        let biases = model.expert.hasBiases ? " with biases" : ""
        let width = "expert width \(model.expert.ffn) \(model.expert.activation.rawValue) \(run.expertDtype)\(biases)"
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
        let layers = checkpoint.layers.count == 1 ? "layer" : "layers"
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

    private static func workload(_ run: RunDescription) -> String {
        "\(run.workload.summary), \(run.workload.tokensPerStep) tokens a step, \(run.steps) steps after "
            + "\(run.warmupSteps) of warm-up"
    }

    private static func cluster(_ run: RunDescription) -> String {
        var rows = "rows on the wire in \(run.dispatchDtype)"
        if run.payloadDtype != run.dispatchDtype { rows += ", back in \(run.payloadDtype)" }
        if run.combine == "presum" { rows += ", summed by the workers" }
        let overlap = run.overlap == "none" ? "" : ", overlap \(run.overlap)"
        return "\(run.workers.count) workers over \(run.transport), placement \(run.placement), \(rows)\(overlap)"
    }

    private static func cluster(_ hardware: HardwareDescription, _ run: RunDescription) -> String {
        let nodes = "\(hardware.nodes) \(hardware.nodes == 1 ? "node" : "nodes") of \(hardware.ranksPerNode)"
        let overlap = run.overlap == "none" ? "" : ", overlap \(run.overlap)"
        return
            "\(run.workers.count) ranks of \(hardware.profile) (\(hardware.summary)), \(nodes), \(hardware.kernel) kernels, "
            + "products in \(hardware.products), dispatch in \(run.dispatchDtype), combine in \(run.payloadDtype), placement "
            + "\(run.placement)\(overlap)"
    }

    private static func memory(_ hardware: HardwareDescription) -> String {
        let gigabytes = [hardware.memoryNeededBytes, hardware.memoryBytes].map {
            FixedPoint.text($0 / 1e9, decimals: 1)
        }
        return "\(gigabytes[0]) of \(gigabytes[1]) GB of a rank, at most"
    }

    private static func host(_ host: HostDescription) -> String {
        var parts = ["\(host.name)", "\(host.cores) cores", "\(host.busyProcesses) busy processes"]
        if let bytes = host.memoryBytes {
            parts.append("memory \(DisplayUnit.bytes([Double(bytes)]).full(Double(bytes)))")
        }
        return (parts + [host.system]).joined(separator: ", ")
    }

    private func rankLines(_ workers: [RankDescription]) -> [String] {
        let isUncertain = workers.contains { $0.clockUncertaintySeconds > 0 }
        let absent = workers.filter { !$0.hasJoined }.map { "# rank \($0.rank): never joined" }
        let cells = workers.filter(\.hasJoined).map { Self.cells($0, isUncertain: isUncertain) }
        var table = TextTable(columns: cells.first?.map { _ in .init("", alignment: .left) } ?? [], gap: 1)
        for row in cells { table.append(row) }
        let lines = table.lines().flatMap { line in
            line.count + 2 > width
                ? wrapped(line, prefix: "# ", continuation: "#   ") : [Self.trimmed("# " + line)]
        }
        return lines + absent
    }

    private static func cells(_ worker: RankDescription, isUncertain: Bool) -> [String] {
        let weights = FixedPoint.text(Double(worker.weightBytes) * 0x1p-20, decimals: 1)
        let clock = FixedPoint.text(worker.clockUncertaintySeconds * 1e6, decimals: 1)
        return ["rank \(worker.rank):", "pid \(worker.pid)", "on \(clipped(Printable.text(worker.host))),"]
            + ["\(experts(worker)) experts,", "weights \(weights) MiB,"]
            + (isUncertain ? ["clock ±\(clock) µs,"] : [])
            + ["kernel \(Printable.text(worker.kernels.joined(separator: " ")))"]
    }

    private static func experts(_ worker: RankDescription) -> String {
        let counts = Set(worker.expertsPerLayer).sorted()
        guard let fewest = counts.first, let most = counts.last else { return "0" }
        return fewest == most ? "\(most)" : "\(fewest)-\(most)"
    }

    private static func clipped(_ text: String) -> String {
        text.count > hostCharacters ? text.prefix(hostCharacters - 1) + "…" : text
    }

    private static func trimmed(_ line: String) -> String {
        String(line.reversed().drop { $0 == " " }.reversed())
    }
}
