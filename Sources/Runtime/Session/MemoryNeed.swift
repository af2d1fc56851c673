import Basics
import Cluster
internal import Experts
internal import MoE
internal import Placement
import Tensors
import Workloads

/// The memory that a run will need, estimated before anything is started.
///
/// In bytes, as doubles: the settings allow products beyond the range of integers.
struct MemoryNeed {
    /// Bytes of all expert weights: a routed expert once for each slot, and for each that may arrive at a time, a common one once for each process that holds
    /// it. Without the workers, only what the coordinator holds.
    let weights: Double
    /// Bytes of one step at its peak: tokens, logits, batches and outputs, and layers that are kept to be checked or
    /// saved.
    let step: Double
    /// Bytes of the processes with their libraries, before they hold any data.
    let processes: Double

    private let plan: RunPlan
    private let includesWorkers: Bool

    /// The estimate for the resident bytes of a process that holds no data: 32 MiB; 30 MiB were measured.
    private static let bytesPerProcess = 32.0 * 1024 * 1024

    /// The memory that a configuration needs.
    ///
    /// - Parameters:
    ///   - placement: the placement of the routed experts: each slot holds weights of its own.
    ///   - includingWorkers: whether the workers will be started beside the coordinator.
    ///   - keepsLayers: whether all layers of a step are kept to be checked or saved.
    ///   - products: the forms in which products hold their weights, or nil when they are not chosen yet.
    init(
        _ plan: RunPlan,
        placement: Placement,
        products: ProductPlan? = nil,
        includingWorkers: Bool,
        keepsLayers: Bool
    ) throws(RuntimeError) {
        self.plan = plan
        includesWorkers = includingWorkers
        let model = plan.modelShape
        let ranks = Double(plan.cluster.workers)
        let held = if let products { products } else { try plan.productPlan() }
        weights = try Self.weights(plan, placement, held, includingWorkers: includingWorkers)
        let routed = Double(try plan.copies())
        let copies = routed + Double(model.commonExperts.count)
        // Tokens, the residual stream, normed tokens and outputs.
        let rows = Double(model.hidden) * 4
        // Each copy on its way out and back, within the credit of all workers.
        let flying = Double(plan.workload.tokens) * Double(model.hidden) * 4 * 2 * copies
        let credit = ranks * Double(plan.cluster.creditMib) * 0x1p20
        // Logits as singles and as doubles; a synthetic workload makes those of all layers at once.
        let layersAtOnce = Double(plan.workload.kind == .synthetic ? model.layers : 1)
        let logits = Double(model.candidates) * (layersAtOnce + 4)
        // Input, logits, choices, output and the parts of the common experts.
        let kept = Double(2 + model.commonExperts.count) * Double(model.hidden) + Double(model.candidates) + 3 * routed
        let ofLayers = keepsLayers ? Double(model.layers) * kept : 0
        step = Double(plan.workload.tokens) * 4 * (rows + logits + ofLayers) + min(flying, credit)
        processes = (includingWorkers ? ranks + 1 : 1) * Self.bytesPerProcess
    }

    /// Whether all processes together need at most `available` bytes; true when the number of bytes is unknown.
    func fits(available: Int?) -> Bool {
        available.map { weights + step + processes <= Double($0) } ?? true
    }

    /// Throw when all processes together need more than `available` bytes, or one of them more than its limits allow.
    func check(available: Int?, limits: ResourceLimits) throws(RuntimeError) {
        try plan.resourceNeed(startsWorkers: includesWorkers, savesOutputs: false).holding(
            max(step, weights / Double(plan.cluster.workers))
        ).check(limits)
        guard let available, !fits(available: available) else { return }
        throw .configuration(
            "\(what) \(Self.gibibytes(step + processes)) for tokens and processes; "
                + "\(Self.gibibytes(Double(available))) are free: \(advice)"
        )
    }

    private var what: String {
        let model = plan.model
        guard weights > 0 else {
            return "workload: \(plan.workload.tokens) tokens of hidden \(model.hidden) need"
        }
        let others = [("shared_ffn", model.sharedFfn), ("dense_ffn", model.denseFfn)].filter { $0.1 > 0 }
        let widths = others.map { ", \($0.0) \($0.1)" }.joined()
        return "model: \(model.layers) layers of \(model.experts) experts, hidden \(model.hidden), expert_ffn "
            + "\(model.expertFfn)\(widths) in \(model.dtype.rawValue) need \(Self.gibibytes(weights)) of weights and"
    }

    private var advice: String {
        guard weights > 0 else { return "lower workload.tokens or model.hidden" }
        return "lower model.layers, model.experts, model.expert_ffn or workload.tokens, or use model.dtype: bf16"
    }

    private static func weights(
        _ plan: RunPlan,
        _ placement: Placement,
        _ products: ProductPlan,
        includingWorkers: Bool
    ) throws(RuntimeError) -> Double {
        let model = plan.modelShape
        let held: HeldBytes
        do {
            held = try HeldBytes(
                model,
                dtype: plan.model.dtype.dtype,
                plan: products,
                compute: ComputeEngine(threads: plan.cluster.threads)
            )
        } catch {
            throw .local("\(error)")
        }
        let onCoordinator = plan.sharesOnCoordinator ? held.commonExperts : 0
        var commonPerLayer = onCoordinator
        var routed = 0.0
        if includingWorkers {
            routed = Double(placement.slotCount) * held.routedExpert
            if plan.cluster.rebalancing.trigger != .never {
                // Old slots stay until the last rank has loaded the new ones.
                let moving = min(plan.cluster.rebalancing.layers ?? .max, model.layers)
                routed += Double(moving * placement[0].slots.count) * held.routedExpert
            }
            commonPerLayer += Double(plan.cluster.workers) * (held.commonExperts - onCoordinator)
        }
        return routed + Double(model.layers) * commonPerLayer
    }

    private static func gibibytes(_ bytes: Double) -> String {
        DisplayUnit.gibibytes(decimals: 1).full(bytes)
    }
}

extension RunPlan {
    /// What the coordinator needs of the operating system's limits before it holds any data: files, threads, and the
    /// size of the largest file of the run, from a few figures for each step, layer and rank up to saved outputs.
    public func resourceNeed(startsWorkers: Bool, savesOutputs: Bool) -> ResourceNeed {
        let (steps, layers, ranks) = (Double(run.steps), Double(model.layers), Double(cluster.workers))
        let samples = steps * layers * ranks * 256
        let report = 2.0e5 + 64 * (ranks * ranks + layers * Double(modelShape.candidates) + steps * layers)
        let outputs = savesOutputs ? 4 * steps * layers * Double(workload.tokens) * Double(model.hidden) : 0
        return .coordinator(
            workers: cluster.workers,
            startsWorkers: startsWorkers,
            threads: cluster.threads,
            fileSize: Int(min(max(samples, report, outputs), 1e18))
        )
    }
}
