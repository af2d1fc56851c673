import Basics
import Cluster
public import Configuration
import CostModel
import Foundation
public import Interchange
import MoE
public import Placement
import Runtime
import Settings
import Workloads

/// The command `epsim place`: loads or recorded routing in, a placement out, with all policies side by side.
public struct PlaceExecution {
    /// What is placed, and what is written.
    public struct Options {
        /// The file of loads or recorded routing that policies place by.
        public let file: String
        /// A file of other loads on which placements are scored, too.
        public var evaluated: String?
        /// The file with the placement in force, or nil for the contiguous one.
        public var inForce: String?
        /// The policies of the table; empty for all that the file can be placed by.
        public var policies: [PlacementPolicy] = []
        /// Groups that hierarchical policies keep on a node.
        public var groups = 1
        /// Nodes of hierarchical policies, or nil for those of the hardware.
        public var nodes: Int?
        /// The file to write the placement to, or nil to write none.
        public var out: String?
        /// The form of that file.
        public var form = PlacementForm.epsim
        /// Dense layers of the model before its first MoE layer, which some forms count, too.
        public var firstLayer = 0
        /// The form of what is printed.
        public var format = OutputFormat.table

        /// Options for a file.
        public init(file: String) { self.file = file }
    }

    private let resolved: ResolvedConfiguration
    private let options: Options

    /// Place by a file for the model, cluster and hardware of a configuration.
    public init(_ resolved: ResolvedConfiguration, _ options: Options) {
        self.resolved = resolved
        self.options = options
    }

    /// Place, score, and print the table; write the best placement where a file is named.
    ///
    /// - Throws: ``ExitStatus`` unless all is well.
    public func run() throws {
        if let out = options.out {
            try OutputPath(option: "--out", path: out).require(
                apartFrom: [options.file] + [options.evaluated, options.inForce].compactMap(\.self)
            )
        }
        try checkSettings()
        do {
            let (study, text) = try studied()
            switch options.format {
            case .table: Console.print(text.lines(width: Console.width).joined(separator: "\n"))
            case .json: Console.print(try JSONText.of(text.facts))
            case .csv: Console.print(try ObjectCSV.text(text.facts.policies, first: "policy"))
            }
            if let out = options.out { try write(study.best.placement, to: out) }
        } catch let error as RuntimeError {
            throw error.reported()
        } catch let error as any Error & CustomStringConvertible {
            Console.note("epsim: \(error)")
            throw ExitStatus.badConfiguration
        }
    }

    private func studied() throws -> (PlacementStudy, PlacementText) {
        let plan = resolved.plan
        let profile = try HardwareLoader.load(
            named: plan.hardware.profile,
            environment: ProcessInfo.processInfo.environment
        )
        let model = try Predictor.layerModel(plan, on: profile)
        // What a rank has to hold follows from the slots alone.
        try Predictor.checkMemory(of: plan, on: profile)
        let tokens = plan.workload.tokens
        let past = try loads(options.file, RecordedLoads.whole, stepTokens: tokens)
        let isRouting = past.coactivations != nil
        let isSplit = past.layers.contains { $0.count > 1 } || isRouting
        let early = isSplit ? try loads(options.file, 0...0.5, stepTokens: tokens) : past
        let late = isSplit ? try loads(options.file, 0.5...1, stepTokens: tokens) : past
        let other = try options.evaluated.map { try loads($0, RecordedLoads.whole, stepTokens: tokens) }
        let fine = isRouting ? try loads(options.file, 0...0.5, stepTokens: RunPlan.statisticsTokens) : early
        var question = PlacementStudy.Question(
            slots: plan.cluster.slots ?? plan.model.experts,
            past: fine.layers,
            future: isSplit ? late.layers : other?.layers ?? late.layers,
            tokens: Double(tokens),
            // Copies for identity experts go nowhere.
            choices: try max(1, plan.copiesPerToken() * plan.model.experts / plan.modelShape.candidates)
        )
        question.scoredPast = early.layers
        question.other = isSplit ? other?.layers : nil
        question.coactivations = fine.coactivations
        (question.nodes, question.groups) = (options.nodes ?? model.cluster.nodes, options.groups)
        question.seed = plan.run.seed
        let inForce = try inForce()
        question.inForce = inForce.placement
        let status = StatusLine(isShown: options.format == .table)
        defer { status.end() }
        let policies = policies(question)
        let study = try PlacementStudy(
            question,
            policies: policies,
            on: model,
            now: { MonotonicClock.now().seconds },
            progress: { status.show("placing by \(policies[$0].rawValue)") }
        )
        let scored: PlacementText.Scored =
            isSplit ? .laterHalf : other == nil ? .same : .other(Folder.name(of: options.evaluated ?? ""))
        let text = PlacementText(
            study: study,
            model: model,
            slots: question.slots,
            tokens: question.tokens,
            scored: scored,
            notes: past.notes + (other?.notes ?? []) + inForce.notes + odd(question, early, isRouting: isRouting)
                + model.rangeWarnings(
                    choices: try plan.copiesPerToken(),
                    tokensPerRank: question.tokens / Double(plan.cluster.workers),
                    isUniform: false
                )
        )
        return (study, text)
    }

    /// What a reader of the table should know of steps and slots, a sentence each.
    private func odd(_ question: PlacementStudy.Question, _ early: RecordedLoads, isRouting: Bool) -> [String] {
        var notes: [String] = []
        let held = (early.layers.first?.first?.reduce(0, +) ?? 0) / Double(question.choices)
        if isRouting, early.layers.first?.count == 1, held + 0.5 < question.tokens {
            notes.append(
                "a step has \(FixedPoint.text(question.tokens, decimals: 0)) tokens, each half of the file "
                    + "\(FixedPoint.text(held, decimals: 0)): scored as one step, on which noise is larger"
            )
        }
        if let given = question.inForce, given[0].slots.count != question.slots {
            notes.append(
                "the placement in force has \(given[0].slots.count) slots, the others \(question.slots); its memory is another"
            )
        }
        return notes
    }

    /// Refuse settings of the command line that do not change the answer.
    private func checkSettings() throws(ExitStatus) {
        let read = [
            "cluster.workers", "cluster.slots", "workload.tokens", "workload.tokens_per_rank", "router.kind",
            "router.top_k",
            "run.seed",
        ]
        let unread = resolved.values.first { value in
            guard case .flag = value.source else { return false }
            return !read.contains(value.key) && !value.key.hasPrefix("model.") && !value.key.hasPrefix("hardware.")
        }
        guard let unread else { return }
        Console.note("\(unread.source.location): \(unread.key): does not apply: epsim place does not read it")
        throw .badConfiguration
    }

    /// The policies that are asked for, or all that can place as asked.
    private func policies(_ question: PlacementStudy.Question) -> [PlacementPolicy] {
        guard options.policies.isEmpty else { return options.policies }
        let isReplicated = question.slots > resolved.plan.model.experts
        return PlacementPolicy.allCases.filter { policy in
            switch policy {
            case .contiguous, .eplb: false
            case .eplbKeptSlots: question.inForce != nil
            case .affinity, .affinityCapped: question.coactivations != nil && !isReplicated
            case .hottestEverywhere: isReplicated
            case .eplbHierarchical:
                question.groups > 1 && question.groups.isMultiple(of: question.nodes)
                    && resolved.plan.cluster.workers.isMultiple(of: question.nodes)
            default: true
            }
        }
    }

    private func loads(_ path: String, _ part: ClosedRange<Double>, stepTokens: Int) throws -> RecordedLoads {
        try RecordedLoads(path: path, model: resolved.plan.modelShape, stepTokens: stepTokens, part: part)
    }

    private func inForce() throws -> (placement: Placement?, notes: [String]) {
        let (plan, shape) = (resolved.plan, resolved.plan.modelShape)
        guard let path = options.inForce else { return (nil, []) }
        let read = try PlacementFile.read(path).placement(
            layers: shape.layers,
            experts: shape.experts,
            ranks: plan.cluster.workers
        )
        return (read.placement, read.notes)
    }

    private func write(_ placement: Placement, to path: String) throws {
        let text = try options.form.text(of: placement, firstLayer: options.firstLayer)
        try AtomicFile.write(text, to: path)
        Console.note("wrote \(path) in the form of \(options.form.rawValue)")
    }
}
