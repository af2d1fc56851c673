import Basics
internal import Cluster
import CostModel
internal import Experts
public import MoE
public import Placement
internal import Tensors
internal import Workloads

/// A configuration resolved into the objects of a run: model, router, workload, placement and plan of the cluster.
struct SessionSetup: Sendable {
    /// Most worker processes of a run.
    private static let mostWorkers = 1024

    let seed: UInt64
    let threads: Int
    let model: ModelShape
    /// The source of gates, biases and norms; workers load the experts' weights themselves.
    let experts: any ExpertSource
    /// Whether layers normalise their input.
    let normalizesInput: Bool
    /// The common experts that the coordinator computes itself, or nil when the ranks compute them.
    let ownExperts: Assignment.Weights?
    let computeType: DType
    /// The work classes of the experts' matrix products, by mean number of rows, and the form chosen for each shape.
    let products: ProductPlan
    let form: RowForm
    let creditBytes: Int
    /// Most tokens of a chunk, or nil when it follows from the model.
    let chunkTokens: Int?
    let microBatches: Int
    /// The placement of each layer's experts.
    let placement: Placement
    /// What a reader should know of the placement, a sentence each.
    let placementNotes: [String]
    /// The rule by which copies take replicas.
    let replicaRule: ReplicaRule
    var router: any Router
    let workload: any Workload
    /// Tokens of each source rank in a step, or nil for what the workload says, or as many of each.
    let tokensBySource: [Int]?
    let delay: PhaseDelay?
    let clusterPlan: ClusterPlan

    /// The setup of a configuration.
    ///
    /// - Parameter epoch: identity of the run on the wire.
    init(
        _ plan: RunPlan,
        _ options: SessionOptions = SessionOptions(),
        epoch: UInt32
    ) throws(RuntimeError) {
        let cluster = plan.cluster
        seed = plan.run.seed
        model = plan.modelShape
        computeType = plan.model.dtype.dtype
        form = cluster.rowForm
        chunkTokens = cluster.chunkTokens
        microBatches = plan.run.overlap == .twoBatch ? 2 : 1
        creditBytes = cluster.creditMib << 20
        delay = Self.delay(cluster)
        threads = cluster.threads
        tokensBySource = plan.workload.tokensBySource
        replicaRule = cluster.replicaChoice
        normalizesInput = plan.normalizesInput
        let placed = try plan.placement(
            orGiven: options.placement,
            nodes: cluster.nodes,
            moves: cluster.rebalancing.trigger != .never
        )
        (placement, placementNotes) = (placed.placement, placed.notes)
        let inputs = try PlanInputs(plan)
        (workload, router, experts) = (inputs.workload, inputs.router, inputs.experts)
        try Self.check(plan, router)
        products = try Self.products(plan, placement, options)
        let layers = [[Int]](repeating: [], count: model.layers)
        let own = Assignment.Weights(
            source: plan.weightSource,
            model: model,
            dtype: computeType,
            products: products,
            experts: layers,
            holdsCommonExperts: true,
            threads: cluster.threads
        )
        ownExperts = plan.sharesOnCoordinator && !model.commonExperts.isEmpty ? own : nil
        let assignments = Self.assignments(plan, own, placement, delay)
        clusterPlan = ClusterPlan(
            epoch: epoch,
            assignments: assignments,
            deadlines: ClusterPlan.Deadlines(
                start: Nanoseconds(seconds: cluster.startSeconds),
                heartbeat: Nanoseconds(seconds: cluster.heartbeatSeconds),
                layer: Nanoseconds(seconds: cluster.layerSeconds)
            ),
            hasOwnExperts: ownExperts != nil,
            bootID: Host.bootID
        )
    }

    /// Whether the outputs of each common expert are known separately from the rest of a layer's output.
    var keepsCommonOutputs: Bool { ownExperts != nil || !form.presums }

    /// Bytes of the largest message that a worker may send: a chunk within its credit, or all copies of one token.
    var messageLimit: Int {
        let copies = router.mostCopies(experts: model.candidates) + model.commonExperts.count
        let row = RowEncoding.byteCount(columns: model.hidden, as: form.combine)
        return max(creditBytes, copies * row) + (1 << 20)
    }

    /// The plan of the experts' matrix products: with the chosen forms, or with forms that need less memory where the
    /// chosen ones do not fit.
    private static func products(
        _ plan: RunPlan,
        _ placement: Placement,
        _ options: SessionOptions
    ) throws(RuntimeError) -> ProductPlan {
        var products = try plan.productPlan()
        let shapes = products.shapes(of: plan.modelShape, dtype: plan.model.dtype.dtype)
        func fits(_ products: ProductPlan) throws(RuntimeError) -> Bool {
            try MemoryNeed(
                plan,
                placement: placement,
                products: products,
                includingWorkers: options.startsWorkers,
                keepsLayers: options.keepsLayers
            ).fits(available: Host.availableMemory)
        }
        var least = products
        least.forms = ProductForms().inLessMemory(shapes)
        guard try fits(least) else { return least }
        products.forms = try options.chooseForms(shapes)
        products.processor = Host.productProcessor
        if try !fits(products) { products.forms = products.forms.inLessMemory(shapes) }
        return products
    }

    /// Throw unless a live run can have so many workers, and overlap as configured.
    static func check(_ plan: RunPlan, _ router: any Router) throws(RuntimeError) {
        try checkOverlap(plan, router)
        let workers = plan.cluster.workers
        guard workers <= mostWorkers else {
            throw .configuration(
                "cluster.workers: found \(workers), allowed: at most \(mostWorkers) processes in a live run"
            )
        }
    }

    /// Throw unless a live run can overlap as configured: full overlap is for predictions only, and two micro-batches
    /// need a router that decides token by token.
    private static func checkOverlap(
        _ plan: RunPlan,
        _ router: any Router
    ) throws(RuntimeError) {
        guard plan.run.overlap != .full else {
            throw .configuration(
                "run.overlap: found full, allowed: none or two-batch; full is a bound for epsim predict"
            )
        }
        guard plan.run.overlap == .twoBatch, !router.decidesPerToken else { return }
        if let command = router as? CommandRouter, command.capacity == nil {
            throw .configuration(
                "run.overlap: found two-batch, allowed: none, as the program of router.command may decide over all tokens "
                    + "of a step together; router.command_per_token: true says that it does not"
            )
        }
        throw .configuration(
            "run.overlap: found two-batch, allowed: none, as \(plan.routerName) with these settings decides over "
                + "all tokens of a step together, or draws random numbers for them"
        )
    }

    private static func delay(_ cluster: ClusterOptions) -> PhaseDelay? {
        guard let phase = cluster.delayPhase else { return nil }
        return PhaseDelay(
            phase: phase,
            rank: cluster.delayRank,
            duration: Nanoseconds(seconds: cluster.delayMilliseconds / 1000)
        )
    }

    /// The assignment of each rank.
    ///
    /// - Parameter template: the weights of a worker, but for its routed experts.
    private static func assignments(
        _ plan: RunPlan,
        _ template: Assignment.Weights,
        _ placement: Placement,
        _ delay: PhaseDelay?
    ) -> [Assignment] {
        let cluster = plan.cluster
        return (0..<placement.ranks).map { rank in
            var weights = template
            weights.experts = placement.layers.map { $0.experts(onRank: rank) }
            weights.holdsCommonExperts = !plan.sharesOnCoordinator
            return Assignment(
                rank: rank,
                weights: weights,
                form: cluster.rowForm,
                creditBytes: cluster.creditMib << 20,
                silenceLimit: max(
                    Nanoseconds(seconds: 30),
                    Nanoseconds(seconds: cluster.heartbeatSeconds) * ClusterPlan.liveness * 2
                ),
                delay: delay?.rank == rank ? delay : nil
            )
        }
    }
}

/// The check that a workload gives a router its inputs beside hidden states.
enum RouterNeeds {
    /// Throw unless the workload has the token ids that the router reads. For a file of activations this is known once
    /// the file is open.
    static func check(_ plan: RunPlan, _ workload: any Workload) throws(RuntimeError) {
        let needs = RouterCatalogue.entry(named: plan.routerName)?.needs ?? []
        guard needs.contains(.tokenIDs), workload.tokenFrequencies == nil else { return }
        throw .configuration(
            "router.kind: \(plan.routerName) reads token ids, and \(plan.workload.path ?? "the workload") "
                + "holds no \"token_ids\" beside its hidden states"
        )
    }
}

/// The options of a run beside its configuration: verification, saved outputs, placement, forms of products.
public struct SessionOptions: Sendable {
    /// Whether every token is recomputed by a plain loop and compared with the output of the run.
    public var verifies: Bool
    /// The path of the file of saved outputs, or nil to save none.
    public var outputsPath: String?
    /// A function that chooses the forms of the run's matrix products, called before any worker starts. For a shape
    /// without a chosen form each process takes the first form that keeps the bits of the outputs.
    public var chooseForms: @Sendable ([ProductShape]) throws(RuntimeError) -> ProductForms
    /// The placement of each layer's experts, or nil for the policy of the configuration.
    public var placement: Placement?
    /// Whether the workers run on this machine, and share its memory.
    public var startsWorkers: Bool

    /// The options of one run.
    public init(
        verifies: Bool = false,
        outputsPath: String? = nil,
        placement: Placement? = nil,
        startsWorkers: Bool = false,
        chooseForms: @escaping @Sendable ([ProductShape]) throws(RuntimeError) -> ProductForms = {
            _ throws(RuntimeError) in ProductForms()
        }
    ) {
        self.verifies = verifies
        self.outputsPath = outputsPath
        self.placement = placement
        self.startsWorkers = startsWorkers
        self.chooseForms = chooseForms
    }

    /// Whether the inputs and outputs of all layers of a step are kept, to be checked or saved.
    var keepsLayers: Bool { verifies || outputsPath != nil }
}
