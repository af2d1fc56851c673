import ArgumentParser
import CostModel
import MoE
import Reports
import Runtime
import Tensors
import Workloads

/// `epsim route` from the file to the exit code.
struct RouteExecution {
    let command: RouteCommand

    func run() throws {
        let interrupt = Interrupt()
        let sources = interrupt.watch()
        defer { withExtendedLifetime(sources) {} }
        do {
            let file = try LogitsFile(
                path: command.input.file,
                tensor: command.input.tensor,
                sequenceTokens: command.input.sequenceTokens
            )
            let router = try command.router.load(frequencies: file.tokenFrequencies)
            try check(file, router)
            let report = try report(on: file, router, interrupt)
            Console.print(try command.json ? report.json() : report.text(width: Console.width))
            if command.requireSame, report.agreement?.holds != true { throw ExitCode.failure }
        } catch let error as WorkloadError {
            throw refusal("\(error)")
        } catch let error as TensorFileError {
            Console.note("epsim: \(error)")
            throw ExitCode.failure
        } catch let error as ReportError {
            Console.note("epsim: \(error)")
            throw ExitCode.failure
        }
    }

    /// Makes sure that the file holds what is needed beside logits, before anything is routed.
    private func check(_ file: LogitsFile, _ router: NamedRouter) throws {
        if router.router is HashRouter, file.tokenFrequencies == nil {
            throw WorkloadError(file: file.path, message: "holds no \"token_ids\", which \(router.entry.name) reads")
        }
        let reads: [(String, Bool)] = [
            ("which \(router.entry.name) replays", router.router is ReplayRouter),
            ("which --require-same compares with", command.requireSame),
        ]
        for (reason, _) in reads.filter(\.1) {
            if let layer = file.layers.first(where: { !file.has("topk_index", layer: $0) }) {
                let message = "holds no \"topk_index\" beside \"\(layer.tensor)\", \(reason)"
                throw WorkloadError(file: file.path, message: message)
            }
        }
    }

    private func report(on file: LogitsFile, _ router: NamedRouter, _ interrupt: Interrupt) throws -> RoutingReport {
        let steps = command.input.steps(of: file.tokens)
        let output = try command.out.map { try RouteOutput(path: $0, file: file, router: router.router, steps: steps) }
        let layers = try file.layers.indices.map { index in
            try route(layer: index, of: file, router, steps, output, interrupt)
        }
        try output?.finish()
        let description = RoutingDescription(
            epsimVersion: EpsimVersion.current,
            file: file.path,
            router: router.entry.name,
            rule: router.summary,
            seed: command.input.seed,
            experts: file.experts,
            stepTokens: steps.map(\.count),
            notes: notes(file, router)
        )
        return RoutingReport(description, layers: layers, tolerance: command.tolerance)
    }

    /// Routes one layer step by step, with what the router remembers.
    private func route(
        layer index: Int,
        of file: LogitsFile,
        _ router: NamedRouter,
        _ steps: [Range<Int>],
        _ output: RouteOutput?,
        _ interrupt: Interrupt
    ) throws -> RoutedLayer {
        let layer = file.layers[index]
        var routed = RoutedLayer(number: layer.number, tensor: layer.tensor)
        var state = try file.state(layer: layer)
        for (step, rows) in steps.enumerated() {
            if interrupt.isRaised { throw ExitCode.interrupted }
            let random = CounterRandom(seed: command.input.seed, purpose: .routerNoise, step, index)
            let batch = try file.batch(layer: layer, rows: rows, for: router.router, random: random)
            let routing: Routing
            do {
                routing = try router.router.route(batch, state: &state)
            } catch {
                throw refusal("\(file.path): \(layer.tensor), tokens \(rows.lowerBound)..<\(rows.upperBound): \(error)")
            }
            router.router.finishStep(loads: ExpertLoads(routing.plan).asked, state: &state)
            routed.steps.append(LayerRecord(layer: layer.number, routing: routing))
            if let recorded = batch.recorded {
                let kept = try file.recordedKept(layer: layer, rows: rows)
                var agreement = routed.agreement ?? ChoiceAgreement()
                agreement.compare(routing.plan, with: recorded, kept: kept, firstToken: rows.lowerBound)
                routed.agreement = agreement
            }
            try output?.write(batch, routing.plan, layer: index, firstToken: rows.lowerBound)
        }
        return routed
    }

    /// What the figures rest on, where the file does not say it.
    private func notes(_ file: LogitsFile, _ router: NamedRouter) -> [String] {
        let biases = ["selection_bias", "e_score_correction_bias"]
        let isBiased = file.layers.contains { layer in biases.contains { file.has($0, layer: layer) } }
        let rule = (router.router as? TopKRouter)?.rule
        switch (rule?.bias != nil, isBiased) {
        case (true, false): return ["the file holds no selection_bias: the router begins without one"]
        case (false, true): return ["the file's selection bias is not used: \(router.entry.name) has none"]
        default: return []
        }
    }

    /// Says that the input cannot be used.
    private func refusal(_ message: String) -> ExitCode {
        Console.note("epsim: \(message)")
        return .badConfiguration
    }
}
