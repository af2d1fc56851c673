internal import Configuration
internal import MoE
internal import Tensors

/// What a run will need in memory, estimated before anything is started.
///
/// In bytes, as doubles: the settings allow products beyond the range of integers.
struct MemoryNeed {
    /// All expert weights, shared experts counted once per rank; 0 without the workers.
    let weights: Double
    /// Tokens, batches and outputs of one step at their peak.
    let step: Double
    /// Processes and libraries.
    let processes: Double

    private let configuration: RunConfiguration

    /// Resident size of a process that holds nothing, measured at 30 MiB.
    private static let bytesPerProcess = 32.0 * 1024 * 1024

    /// - Parameter includingWorkers: whether the workers will be started beside the coordinator.
    init(_ configuration: RunConfiguration, includingWorkers: Bool) throws(RuntimeError) {
        self.configuration = configuration
        let model = configuration.modelShape
        let ranks = Double(configuration.cluster.workers)
        weights = includingWorkers ? Self.weights(configuration) : 0
        // Tokens, normed tokens and sums, then each copy on its way out, on its way back and decoded.
        let copies = Double(try Self.copiesPerToken(configuration) + model.replicatedExperts.count)
        step = Double(configuration.workload.tokens) * Double(model.hidden) * 4 * (4 + 3 * copies)
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
        return "model: \(model.layers) layers of \(model.experts) experts, hidden \(model.hidden), expert_ffn "
            + "\(model.expertFfn) in \(model.dtype.rawValue) need \(Self.gibibytes(weights)) GiB of weights and"
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

    private static func weights(_ configuration: RunConfiguration) -> Double {
        let model = configuration.modelShape
        let routed = Double(model.layers) * Double(model.experts) * Double(model.expert.parameterCount)
        let replicated = model.replicatedExperts.reduce(0) { $0 + $1.shape.parameterCount }
        let shared = Double(model.layers) * Double(configuration.cluster.workers) * Double(replicated)
        return (routed + shared) * Double(configuration.model.dtype.dtype.byteCount)
    }

    private static func gibibytes(_ bytes: Double) -> String {
        Gibibytes.text(Int(min(bytes, 0x1p62)))
    }
}
