import Basics
import Configuration
public import MoE
import Records
import Reports
import Runtime
public import Settings
import Tensors
import Workloads

/// The command `epsim route`: a router alone on recorded logits, from the file to the exit status.
public struct RouteExecution {
    /// The options of routing the logits of a file and showing the loads.
    public struct Options {
        /// The path of the file with the logits.
        public var file: String
        /// The tensor with the logits, or nil for the usual names.
        public var tensor: String?
        /// Tokens per step, or nil for all in one step.
        public var tokens: Int?
        /// Tokens per sequence within a step, or nil for the sequences of the file.
        public var sequenceTokens: Int?
        /// Seed of the router's random numbers.
        public var seed: UInt64 = 1
        /// The overrides of `router.kind` and of the router's options.
        public var router: [Override]
        /// The path of the file to write the routing to, or nil.
        public var out: String?
        /// The form of what is printed; CSV has a row for each figure of each layer, and of all.
        public var format = OutputFormat.table
        /// Whether the command fails when choices differ from those in the file.
        public var requireSame = false
        /// The allowed relative difference of a gate weight from the recorded one, as a part of the larger of the two;
        /// nil for that of the precision of the recorded weights.
        public var tolerance: Double?
        /// The precision of the reference's scores, in which ties are judged; nil for that of the file.
        public var precision: ScorePrecision?

        /// Create options for a file of logits, and a router by the overrides of `router.kind` and its options.
        public init(file: String, router: [Override]) {
            self.file = file
            self.router = router
        }

        /// Return the range of token rows of each step; the last step may be shorter.
        func steps(of tokens: Int) -> [Range<Int>] {
            let size = min(self.tokens ?? tokens, tokens)
            return stride(from: 0, to: tokens, by: size).map { $0..<min($0 + size, tokens) }
        }
    }

    private let options: Options

    /// Create the command for a file of logits and a router.
    public init(_ options: Options) { self.options = options }

    /// Route all layers and show the loads.
    ///
    /// - Throws: ``ExitStatus`` unless all is well.
    public func run() throws {
        if let out = options.out { try OutputPath(option: "--out", path: out).require(apartFrom: [options.file]) }
        let interrupt = Interrupt()
        interrupt.watch()
        do {
            let file = try LogitsFile(
                path: options.file,
                tensor: options.tensor,
                sequenceTokens: options.sequenceTokens
            )
            let router = try NamedRouter(options.router, for: file, interrupt: interrupt)
            try check(file, router)
            let report = try report(on: file, router, interrupt)
            switch options.format {
            case .json: Console.print(try report.json())
            case .csv: Console.print(report.csv)
            case .table: Console.print(report.text(width: Console.width))
            }
            if options.requireSame, report.agreement?.holds != true { throw ExitStatus.failure }
        } catch let error as WorkloadError {
            Console.note("epsim: \(error)")
            throw ExitStatus.badConfiguration
        } catch let error as RuntimeError {
            throw error.reported()
        } catch let error as TensorFileError {
            Console.note("epsim: \(error)")
            throw ExitStatus.failure
        } catch let error as any DescribedError {
            Console.note("epsim: \(error)")
            throw ExitStatus.failure
        }
    }

    /// Check that the file holds the tensors that are needed beside logits, before any token is routed.
    private func check(_ file: LogitsFile, _ router: NamedRouter) throws {
        if router.entry.needs.contains(.tokenIDs), file.tokenFrequencies == nil {
            throw WorkloadError(file: file.path, message: "holds no \"token_ids\", which \(router.entry.name) reads")
        }
        let reads: [(String, Bool)] = [
            ("which \(router.entry.name) replays", router.entry.needs.contains(.recordedChoices)),
            ("which --require-same compares with", options.requireSame),
            ("which --tolerance is about", options.tolerance != nil),
        ]
        for (reason, _) in reads.filter(\.1) {
            if let layer = file.layers.first(where: { !file.hasChoices(layer: $0) }) {
                let message = "holds no \"topk_index\" beside \"\(layer.tensor)\", \(reason)"
                throw WorkloadError(file: file.path, message: message)
            }
        }
    }

    private func report(on file: LogitsFile, _ router: NamedRouter, _ interrupt: Interrupt) throws -> RoutingReport {
        let steps = options.steps(of: file.tokens)
        let output = try options.out.map { try RouteOutput(path: $0, file: file, router: router.router, steps: steps) }
        var layers: [RoutedLayer] = []
        var precisions: Set<ScorePrecision> = []
        for index in file.layers.indices {
            var layer = try LayerRouting(layer: index, of: file, by: router.router, options)
            precisions.insert(layer.precision)
            for (step, rows) in steps.enumerated() {
                if interrupt.isRaised { throw ExitStatus.interrupted }
                let (batch, plan) = try route(step, rows, of: &layer, interrupt)
                try output?.write(batch, plan, layer: index, firstToken: rows.lowerBound)
            }
            layers.append(layer.routed)
        }
        try output?.finish()
        let ending = try router.process?.end()
        let description = RoutingDescription(
            epsimVersion: EpsimVersion.current,
            file: file.path,
            router: router.entry.name,
            rule: router.summary,
            seed: options.seed,
            experts: file.experts,
            stepTokens: steps.map(\.count),
            precisions: ScorePrecision.allCases.filter(precisions.contains),
            notes: [file.paddingNote].compactMap(\.self) + (try notes(file, router)) + [ending].compactMap(\.self)
        )
        let ofFile = try file.weightPrecision()
        let ofWeights = options.precision ?? ofFile
        return RoutingReport(
            description,
            layers: layers,
            tolerance: options.tolerance ?? ofWeights.weightTolerance
        )
    }

    private func route(
        _ step: Int,
        _ rows: Range<Int>,
        of layer: inout LayerRouting,
        _ interrupt: Interrupt
    ) throws -> (RouterBatch, DispatchPlan) {
        do {
            return try layer.route(step: step, rows: rows)
        } catch let error as RuntimeError {
            if interrupt.isRaised { throw ExitStatus.interrupted }
            throw error
        }
    }

    /// The notes on the selection bias, where only one of file and router has it, and on tensors that are not read.
    private func notes(_ file: LogitsFile, _ router: NamedRouter) throws(WorkloadError) -> [String] {
        var isBiased = false
        for layer in file.layers where !isBiased { isBiased = try !file.state(layer: layer).selectionBias.isEmpty }
        let unread = file.unread(by: router.router)
        let others = unread.isEmpty ? [] : ["\(router.entry.name) does not read \(WordList.all(unread)) of the file"]
        let rule = (router.router as? TopKRouter)?.rule
        switch (rule?.bias != nil, isBiased) {
        case (true, false): return ["the file holds no selection_bias: the router begins without one"] + others
        case (false, true): return ["the file's selection bias is not used: \(router.entry.name) has none"] + others
        default: return others
        }
    }
}

/// The writer of `epsim route --out`: the tensors that `epsim run --save-outputs` writes of routing, so that a trace
/// workload can replay them, with the ids and sequences of tokens where the input has some.
///
/// The layers of the written file are `layers.0.`, `layers.1.` and so on, in the order of the input's layers, whatever
/// their numbers there.
final class RouteOutput {
    private let writer: SafetensorsWriter
    private let router: any Router
    private let width: Int

    init(path: String, file: LogitsFile, router: any Router, steps: [Range<Int>]) throws(TensorFileError) {
        self.router = router
        let width = router.mostCopies(experts: file.experts)
        self.width = width
        let ids = file.tokenIDs
        let lengths = file.sequenceLengths(of: steps)
        var tensors = file.layers.indices.flatMap { Self.tensors(layer: $0, of: file, router, width: width) }
        if let ids { tensors.append(TensorSpec(name: "token_ids", dtype: .i32, shape: [ids.count])) }
        if let lengths { tensors.append(TensorSpec(name: "sequence_lengths", dtype: .i32, shape: [lengths.count])) }
        let numbers = file.layers.map { "\($0.number)" }.joined(separator: ",")
        writer = try SafetensorsWriter(path: path, tensors: tensors, metadata: ["layers": numbers])
        if let ids { try writer.write("token_ids", atRow: 0, integers: ids) }
        if let lengths { try writer.write("sequence_lengths", atRow: 0, integers: lengths) }
    }

    private static func tensors(layer: Int, of file: LogitsFile, _ router: any Router, width: Int) -> [TensorSpec] {
        func tensor(_ name: String, _ dtype: DType, _ columns: Int) -> TensorSpec {
            TensorSpec(name: "layers.\(layer).\(name)", dtype: dtype, shape: [file.tokens, columns])
        }
        let logits = router.projections.map { projection in
            tensor(projection.tensorName, .f32, router.columns(of: projection, experts: file.experts))
        }
        return logits + [
            tensor("topk_index", .i32, width), tensor("topk_weight", .f32, width), tensor("kept", .u8, width),
        ]
    }

    /// Add consecutive tokens of a layer.
    ///
    /// - Parameters:
    ///   - layer: the index of the layer among the layers of the file.
    ///   - firstToken: the row of the first token in the tensors of the layer.
    func write(_ batch: RouterBatch, _ plan: DispatchPlan, layer: Int, firstToken: Int) throws(TensorFileError) {
        let prefix = "layers.\(layer)."
        for (projection, logits) in zip(router.projections, batch.projections) {
            try writer.write(prefix + projection.tensorName, atRow: firstToken, floats: logits.values)
        }
        let choices = ChoiceRows(plan, width: width)
        try writer.write(prefix + "topk_index", atRow: firstToken, integers: choices.experts)
        try writer.write(prefix + "topk_weight", atRow: firstToken, floats: choices.weights)
        try writer.write(prefix + "kept", atRow: firstToken, integers: choices.kept)
    }

    /// Put the complete file in place; before this no file has its name.
    func finish() throws(TensorFileError) {
        try writer.finish()
    }
}

/// A router of the catalogue, made with its options.
struct NamedRouter {
    /// The row of the router in the catalogue.
    let entry: RouterCatalogue.Entry
    /// The router, made with its options.
    let router: any Router
    /// The program that routes, or nil where the router is none.
    let process: RouterProcess?

    /// The rule of the router, with its options, in one line.
    var summary: String {
        (router as? TopKRouter)?.rule.summary ?? entry.summary
    }
}

extension NamedRouter {
    /// Make the router for the experts and the vocabulary of a file, and start its program where it has one, or print
    /// all errors in its options.
    ///
    /// - Parameters:
    ///   - overrides: `router.kind` and its options.
    ///   - interrupt: ends the wait for the program.
    /// - Throws: ``ExitStatus/badConfiguration``.
    init(_ overrides: [Override], for file: LogitsFile, interrupt: Interrupt) throws(ExitStatus) {
        do {
            let plan = try ConfigurationLoader.router(overrides, experts: file.experts, of: file.path)
            guard let entry = RouterCatalogue.entry(named: plan.kind) else {
                throw RoutingError("there is no router '\(plan.kind)'")
            }
            var router = try plan.makeRouter(tokenFrequencies: file.tokenFrequencies)
            guard !router.readsHidden else {
                let reason = "\(file.path) holds no hidden states"
                throw RoutingError("router.command_input: found hidden, allowed: logits, as \(reason)")
            }
            let process = try RouterProcess.start(for: &router, interrupt: interrupt)
            self.init(entry: entry, router: router, process: process)
        } catch let error as ConfigurationError {
            Console.note(error.description)
            throw .badConfiguration
        } catch {
            Console.note("epsim: \(error)")
            throw .badConfiguration
        }
    }
}

/// The routing of one layer of recorded logits, step by step, with the state that the router keeps between steps.
struct LayerRouting {
    private let file: LogitsFile
    private let layer: LogitsLayer
    private let index: Int
    private let router: any Router
    private let seed: UInt64
    /// The precision in which ties with recorded choices are judged.
    let precision: ScorePrecision
    private var state: RouterState
    /// The loads of the steps routed so far, and the agreement of their choices with recorded ones.
    private(set) var routed: RoutedLayer

    /// Start the routing of a layer.
    ///
    /// - Parameter index: the index of the layer among the layers of the file.
    init(
        layer index: Int,
        of file: LogitsFile,
        by router: any Router,
        _ options: RouteExecution.Options
    ) throws(WorkloadError) {
        self.file = file
        self.index = index
        self.router = router
        seed = options.seed
        layer = file.layers[index]
        let ofFile = try file.precision(layer: layer)
        precision = options.precision ?? ofFile
        state = try file.state(layer: layer)
        routed = RoutedLayer(number: layer.number, tensor: layer.tensor)
    }

    /// Route the tokens of a step, with the random numbers that a run without warm-up has in that step and layer.
    ///
    /// - Throws: `WorkloadError` when the file has what cannot be routed, `RuntimeError` when a program fails to.
    mutating func route(step: Int, rows: Range<Int>) throws -> (batch: RouterBatch, plan: DispatchPlan) {
        let random = CounterRandom(seed: seed, purpose: .routerNoise, step, index)
        let batch = try file.batch(layer: layer, step: step, rows: rows, for: router, random: random)
        let routing: Routing
        do throws(RoutingError) {
            routing = try router.route(batch, state: &state)
        } catch {
            guard !error.isOfProgram else {
                throw RuntimeError.local("layer \(layer.number) of step \(step): \(error)")
            }
            let place = "\(layer.tensor), tokens \(rows.lowerBound)..<\(rows.upperBound)"
            throw WorkloadError(file: file.path, message: "\(place): \(error)")
        }
        routed.steps.append(LayerRecord(layer: layer.number, routing: routing))
        try compare(routing.plan, batch, rows)
        router.finishStep(loads: ExpertLoads(routing.plan).asked, state: &state)
        return (batch, routing.plan)
    }

    /// Compare the choices with those that the file records for the same tokens; do nothing where it records none.
    private mutating func compare(_ plan: DispatchPlan, _ batch: RouterBatch, _ rows: Range<Int>) throws(WorkloadError)
    {
        guard let recorded = batch.recorded else { return }
        let logits = router.projections.firstIndex(of: .gate).map { batch.projections[$0] }
        var agreement = routed.agreement ?? ChoiceAgreement()
        agreement.compare(
            plan,
            with: recorded,
            kept: try file.recordedKept(layer: layer, rows: rows),
            ties: logits.map {
                TiedScores(
                    logits: $0,
                    bias: state.selectionBias,
                    gateBias: state.gateBias,
                    rule: (router as? TopKRouter)?.rule,
                    precision: precision
                )
            },
            number: { file.row(ofToken: rows.lowerBound + $0) }
        )
        routed.agreement = agreement
    }
}
