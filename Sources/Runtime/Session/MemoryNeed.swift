internal import Configuration
internal import Experts
internal import MoE
internal import Tensors
internal import Workloads

/// What a run will need in memory, estimated before anything is started.
///
/// In bytes, as doubles: the settings allow products beyond the range of integers.
struct MemoryNeed {
    /// All expert weights, shared experts counted once per process that holds them; without the workers, those of the
    /// coordinator.
    let weights: Double
    /// Tokens, logits, batches and outputs of one step at their peak, and what is kept of it to check or save it.
    let step: Double
    /// Processes and libraries.
    let processes: Double

    private let configuration: RunConfiguration

    /// Resident size of a process that holds nothing, measured at 30 MiB.
    private static let bytesPerProcess = 32.0 * 1024 * 1024

    /// - Parameters:
    ///   - includingWorkers: whether the workers will be started beside the coordinator.
    ///   - keepsTraces: whether all layers of a step are kept to be checked or saved.
    init(_ configuration: RunConfiguration, includingWorkers: Bool, keepsTraces: Bool) throws(RuntimeError) {
        self.configuration = configuration
        let model = configuration.modelShape
        let ranks = Double(configuration.cluster.workers)
        weights = try Self.weights(configuration, includingWorkers: includingWorkers)
        let routed = Double(try Self.copiesPerToken(configuration))
        let copies = routed + Double(model.replicatedExperts.count)
        // Tokens, the residual stream, normed tokens and outputs.
        let rows = Double(model.hidden) * 4
        // Each copy on its way out and back, within the credit of all workers.
        let flying = Double(configuration.workload.tokens) * Double(model.hidden) * 4 * 2 * copies
        let credit = ranks * Double(configuration.cluster.creditMib) * 0x1p20
        // Logits as singles and as doubles; a synthetic workload makes those of all layers at once.
        let layersAtOnce = Double(configuration.workload.kind == .synthetic ? model.layers : 1)
        let logits = Double(model.experts) * (layersAtOnce + 4)
        // Input, logits, choices, output and the parts of the experts that every token visits.
        let kept = Double(2 + model.replicatedExperts.count) * Double(model.hidden) + Double(model.experts) + 3 * routed
        let traces = keepsTraces ? Double(model.layers) * kept : 0
        step = Double(configuration.workload.tokens) * 4 * (rows + logits + traces) + min(flying, credit)
        processes = (includingWorkers ? ranks + 1 : 1) * Self.bytesPerProcess
    }

    /// Throws when all processes together need more than `available` bytes.
    func check(available: Int?) throws(RuntimeError) {
        guard let available, weights + step + processes > Double(available) else { return }
        throw .configuration(
            "\(what) \(Self.gibibytes(step + processes)) GiB for tokens and processes; "
                + "\(Self.gibibytes(Double(available))) GiB are free: \(advice)"
        )
    }

    private var what: String {
        let model = configuration.model
        guard weights > 0 else {
            return "workload: \(configuration.workload.tokens) tokens of hidden \(model.hidden) need"
        }
        let others = [("shared_ffn", model.sharedFfn), ("dense_ffn", model.denseFfn)].filter { $0.1 > 0 }
        let widths = others.map { ", \($0.0) \($0.1)" }.joined()
        return "model: \(model.layers) layers of \(model.experts) experts, hidden \(model.hidden), expert_ffn "
            + "\(model.expertFfn)\(widths) in \(model.dtype.rawValue) need \(Self.gibibytes(weights)) GiB of weights and"
    }

    private var advice: String {
        guard weights > 0 else { return "lower workload.tokens or model.hidden" }
        return "lower model.layers, model.experts, model.expert_ffn or workload.tokens, or use model.dtype: bf16"
    }

    private static func copiesPerToken(_ configuration: RunConfiguration) throws(RuntimeError) -> Int {
        do {
            return try configuration.copiesPerToken()
        } catch {
            throw .configuration("\(error)")
        }
    }

    private static func weights(_ configuration: RunConfiguration, includingWorkers: Bool) throws(RuntimeError)
        -> Double
    {
        let model = configuration.modelShape
        let replicated = model.replicatedExperts.reduce(0) { $0 + Double($1.shape.parameterCount) }
        let onCoordinator = configuration.sharesOnCoordinator ? replicated : 0
        var perLayer = onCoordinator
        if includingWorkers {
            perLayer += Double(model.experts) * Double(model.expert.parameterCount)
            perLayer += Double(configuration.cluster.workers) * (replicated - onCoordinator)
        }
        let dtype = configuration.model.dtype.dtype
        let held: DType
        do {
            held = try ExpertKernel.productType(
                of: dtype,
                compute: ComputeEngine(threads: configuration.cluster.threads)
            )
        } catch {
            throw .local("\(error)")
        }
        return Double(model.layers) * perLayer * Double(held.byteCount)
    }

    private static func gibibytes(_ bytes: Double) -> String {
        Gibibytes.text(Int(min(bytes, 0x1p62)))
    }
}
