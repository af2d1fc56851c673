import Basics
import ArgumentParser
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
            let router = try command.router.load(for: file)
            try check(file, router)
            let report = try report(on: file, router, interrupt)
            Console.print(try command.json ? report.json() : report.text(width: Console.width))
            if command.requireSame, report.agreement?.holds != true { throw ExitCode.failure }
        } catch let error as WorkloadError {
            Console.note("epsim: \(error)")
            throw ExitCode.badConfiguration
        } catch let error as TensorFileError {
            Console.note("epsim: \(error)")
            throw ExitCode.failure
        } catch let error as any DescribedError {
            Console.note("epsim: \(error)")
            throw ExitCode.failure
        }
    }

    /// Makes sure that the file holds what is needed beside logits, before anything is routed.
    private func check(_ file: LogitsFile, _ router: NamedRouter) throws {
        if router.entry.needs.contains(.tokenIDs), file.tokenFrequencies == nil {
            throw WorkloadError(file: file.path, message: "holds no \"token_ids\", which \(router.entry.name) reads")
        }
        let reads: [(String, Bool)] = [
            ("which \(router.entry.name) replays", router.entry.needs.contains(.recordedChoices)),
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
        var layers: [RoutedLayer] = []
        for index in file.layers.indices {
            var layer = try LayerRouting(layer: index, of: file, by: router.router, seed: command.input.seed)
            for (step, rows) in steps.enumerated() {
                if interrupt.isRaised { throw ExitCode.interrupted }
                let (batch, plan) = try layer.route(step: step, rows: rows)
                try output?.write(batch, plan, layer: index, firstToken: rows.lowerBound)
            }
            layers.append(layer.routed)
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
}
