import Cluster
public import CostModel
import MoE
public import Placement
public import Records
import Tensors
public import Workloads

/// The predictor of a configuration on other hardware: its routing, and the modelled clock's times for it. No process
/// is started, no expert computed.
public struct Predictor {
    /// The most ranks for which the traffic between all pairs is counted.
    private static let mostRanksOfTraffic = 512

    private let plan: RunPlan
    private let layerModel: LayerModel
    private let placement: Placement
    private let placementNotes: [String]
    private let slotsOfRank: [Int]
    private let routing: any PredictedRows
    private let warnings: [String]
    /// The layer model on hardware whose kernels launch in no time, or nil when limits are not predicted.
    private let withoutLaunches: LayerModel?

    /// Check a configuration and open its workload.
    ///
    /// - Parameters:
    ///   - given: the placement of each layer's experts, or nil for the policy of the configuration.
    ///   - interrupt: ends the wait for a program that routes.
    ///   - findsLimits: whether to predict also the steps without each limit, which takes six times as long.
    /// - Throws: ``RuntimeError`` when settings do not fit together, or do not fit the hardware.
    public init(
        _ plan: RunPlan,
        profile: HardwareProfile,
        placement given: Placement? = nil,
        interrupt: Interrupt? = nil,
        findsLimits: Bool = false
    ) throws(RuntimeError) {
        // Every layer has buffers of the same sizes.
        Heap.keepChunkBuffers()
        self.plan = plan
        let hardware = plan.hardware
        let cluster = ModelledCluster(profile: profile, ranks: plan.cluster.workers)
        do {
            let placed = try plan.placement(orGiven: given, nodes: cluster.nodes)
            (placement, placementNotes) = (placed.placement, placed.notes)
            slotsOfRank = placement.slotsOfRank
            layerModel = try Self.model(plan, cluster)
            withoutLaunches =
                findsLimits
                ? try Self.model(
                    plan,
                    ModelledCluster(profile: profile.withoutLaunches(), ranks: cluster.ranks)
                ) : nil
            switch hardware.routing {
            case .tokens:
                let routing = try RoutedTokens(plan, interrupt: interrupt)
                warnings = routing.warnings
                self.routing = routing
            case .expected:
                routing = try ExpectedTokens(plan)
                warnings = [ExpectedTokens.warning]
            }
        } catch let error as RuntimeError {
            throw error
        } catch {
            throw .configuration("\(error)")
        }
    }

    /// The modelled clock of a plan's layers on a hardware profile, for those who have loads of their own.
    ///
    /// - Throws: ``RuntimeError`` when settings do not fit the hardware.
    public static func layerModel(_ plan: RunPlan, on profile: HardwareProfile) throws(RuntimeError) -> LayerModel {
        do {
            return try model(plan, ModelledCluster(profile: profile, ranks: plan.cluster.workers))
        } catch {
            throw .configuration("\(error)")
        }
    }

    private static func model(
        _ plan: RunPlan,
        _ cluster: ModelledCluster
    ) throws(HardwareError) -> LayerModel {
        let hardware = plan.hardware
        return try LayerModel(
            cluster: cluster,
            model: plan.modelShape,
            kernel: hardware.kernel,
            productsIn8Bits: hardware.products == .fp8,
            dispatchIn8Bits: hardware.dispatch == .fp8,
            overlap: plan.run.overlap,
            straggler: hardware.stragglerRank.map { Straggler(rank: $0, factor: hardware.stragglerFactor) }
        )
    }

    /// Predict all steps.
    ///
    /// - Parameters:
    ///   - interrupt: ends the prediction between two layers.
    ///   - progress: called after each layer with the number of layers that are done, and of all layers.
    /// - Throws: ``RuntimeError`` when the workload cannot be routed, or does not fit the memory of a rank.
    public func run(
        interrupt: Interrupt? = nil,
        progress: (Int, Int) -> Void = { _, _ in }
    ) throws(RuntimeError) -> Prediction {
        var prediction = Prediction(
            workload: routing.workload,
            placement: placement,
            model: layerModel,
            memory: MemoryFit(capacity: layerModel.cluster.profile[.memoryCapacity] * 1e9)
        )
        prediction.warnings = warnings
        prediction.notes = routing.notes + placementNotes
        try checkMemory()
        prediction.warmupSteps = routing.warmup
        let (warmup, steps, layers) = (routing.warmup, plan.run.steps, plan.model.layers)
        // Steps have the numbers, and so the tokens, that they have in a live run.
        let first = plan.run.warmup - warmup
        for index in 0..<warmup + steps {
            let step = first + index
            var records: [LayerRecord] = []
            for layer in 0..<layers {
                guard interrupt?.isRaised != true else {
                    prediction.isInterrupted = true
                    return prediction
                }
                records.append(try record(step: step, layer: layer, counts: index >= warmup, &prediction))
                progress(index * layers + layer + 1, (warmup + steps) * layers)
            }
            routing.finishStep()
            guard index >= warmup else { continue }
            prediction.steps.append(
                StepRecord(
                    step: index - warmup,
                    tokens: plan.workload.tokens,
                    seconds: records.reduce(0) { $0 + $1.seconds },
                    layers: records
                )
            )
        }
        prediction.warnings += try routing.finish()
        return prediction
    }

    /// Whether perfectly balanced ranks hold the model of a plan in a part of their memory.
    ///
    /// - Parameter share: the part that the model may take, from 0 to 1.
    /// - Throws: ``RuntimeError`` when settings do not fit together, or do not fit the hardware.
    public static func holds(
        _ given: RunPlan,
        on profile: HardwareProfile,
        share: Double
    ) throws(RuntimeError) -> Bool {
        try uniform(given, on: profile).evenMemory().allSatisfy { $0.needed <= share * $0.capacity }
    }

    /// Throw when perfectly balanced ranks could not hold the model of a plan and its slots, wherever experts stand.
    ///
    /// - Throws: ``RuntimeError`` with what would help, and when settings do not fit together, or the hardware.
    public static func checkMemory(of plan: RunPlan, on profile: HardwareProfile) throws(RuntimeError) {
        try uniform(plan, on: profile).checkMemory()
    }

    /// A predictor of the same model and slots. No token is routed to know what they take: any router and workload of as
    /// many copies will do, and any placement of as many slots.
    private static func uniform(_ given: RunPlan, on profile: HardwareProfile) throws(RuntimeError) -> Predictor {
        var plan = given
        plan.hardware.routing = .expected
        let tokens = plan.workload.tokens
        do {
            plan.router.options = RouterOptions()
            plan.router.options.topK = try given.copiesPerToken()
        } catch {
            throw .configuration("\(error)")
        }
        plan.router.kind = RouterPlan().kind
        plan.workload = WorkloadOptions()
        plan.workload.tokens = tokens
        if plan.placement == nil { plan.cluster.placement = .policy(.contiguous) }
        plan.cluster.replicaChoice = ClusterOptions().replicaChoice
        return try Predictor(plan, profile: profile)
    }

    /// Throw when even perfectly balanced ranks could not hold the model, before anything is routed.
    private func checkMemory() throws(RuntimeError) {
        for fit in try evenMemory() { try check(fit) }
    }

    /// The memory that a rank needs with perfectly even loads, for each layer whose placement is its own.
    private func evenMemory() throws(RuntimeError) -> [MemoryFit] {
        let experts = plan.modelShape.candidates
        let choices: Int
        do {
            choices = try plan.copiesPerToken()
        } catch {
            throw .configuration("\(error)")
        }
        let even = ExpectedRouting(
            tokens: Double(plan.workload.tokens),
            choices: min(choices, experts),
            shares: [Double](repeating: 1 / Double(experts), count: experts)
        )
        let layers = placement.isUniform ? placement.layers.prefix(1) : placement.layers[...]
        return layers.map { memory(RoutedRows(evenly: even, placement: $0, cluster: layerModel.cluster)) }
    }

    private func memory(_ rows: RoutedRows) -> MemoryFit {
        layerModel.memory(rows, slotsOfRank: slotsOfRank, reservedBytes: plan.hardware.reservedGB * 1e9)
    }

    private func check(_ fit: MemoryFit) throws(RuntimeError) {
        guard !fit.fits else { return }
        throw .configuration(MemoryAdvice(fit: fit, plan: plan, slotsOfRank: slotsOfRank).text)
    }

    /// Predict one layer of one step.
    ///
    /// - Parameter counts: false for a step of the warm-up.
    private func record(
        step: Int,
        layer: Int,
        counts: Bool,
        _ prediction: inout Prediction
    ) throws(RuntimeError) -> LayerRecord {
        let predicted = try routing.rows(step: step, layer: layer, placement[layer], layerModel.cluster)
        let rows = predicted.rows
        var record = predicted.record
        layerModel.fill(&record, rows: rows)
        if counts, let withoutLaunches {
            prediction.limits.add(rows, of: layerModel, withoutLaunches: withoutLaunches)
        }
        let needed = memory(rows)
        if needed.needed > prediction.memory.needed { prediction.memory = needed }
        try check(prediction.memory)
        let bytes = layerModel.communication.bytes
        if let routed = predicted.routed, placement.ranks <= Self.mostRanksOfTraffic {
            record.traffic = TrafficMatrix(
                plan: routed.plan,
                slots: routed.slots,
                dispatchRowBytes: Int(bytes.dispatch),
                combineRowBytes: Int(bytes.combine),
                sources: routed.sources
            )
        }
        return record
    }
}

/// The modelled steps of a configuration.
public struct Prediction: Sendable {
    /// The predicted steps, without those of the warm-up.
    public internal(set) var steps: [StepRecord] = []
    /// The number of steps that were routed before these, for a router that learns.
    public internal(set) var warmupSteps = 0
    /// The summary of the tokens.
    public let workload: WorkloadSummary
    /// The placement of each layer's experts.
    public let placement: Placement
    /// The model of the layers, with the constants that it used.
    public let model: LayerModel
    /// The memory needed by the rank that needs most.
    public internal(set) var memory: MemoryFit
    /// The predicted times of the steps without single costs such as links, launches or imbalance; empty unless asked
    /// for.
    public internal(set) var limits = StepLimits()
    /// What of the workload's source was left out, a sentence each.
    public internal(set) var notes: [String] = []
    /// Limits of the prediction's validity, a sentence each.
    public internal(set) var warnings: [String] = []
    /// True when the user ended the prediction early.
    public internal(set) var isInterrupted = false
}
