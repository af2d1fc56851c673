internal import Tensors
internal import Configuration
internal import MoE

/// What a run will need in memory, estimated before anything is started.
struct MemoryNeed {
    /// Bytes of all expert weights, shared experts counted once per rank.
    let weights: Int
    /// Bytes of tokens, batches and outputs of one step at their peak.
    let step: Int
    /// Bytes of processes and libraries.
    let processes: Int

    private let configuration: RunConfiguration

    /// Resident size of a process that holds nothing, measured at 30 MiB.
    private static let bytesPerProcess = 32 << 20

    init(_ configuration: RunConfiguration) {
        self.configuration = configuration
        let model = configuration.modelShape
        let weightBytes = configuration.model.dtype.dtype.byteCount
        let ranks = configuration.cluster.workers
        let shared = (model.sharedExpert?.parameterCount ?? 0) * model.layers * ranks
        weights = (model.routedParameterCount + shared) * weightBytes
        // Tokens, normed tokens and sums, then each copy on its way out, on its way back and decoded.
        let copies = configuration.router.topK + (model.sharedExpert == nil ? 0 : 1)
        step = configuration.workload.tokens * model.hidden * 4 * (4 + 3 * copies)
        processes = (ranks + 1) * Self.bytesPerProcess
    }

    /// Throws when all processes together need more than `available` bytes.
    func check(available: Int?) throws(RuntimeError) {
        guard let available, weights + step + processes > available else { return }
        let model = configuration.model
        throw .configuration(
            "model: \(model.layers) layers of \(model.experts) experts, hidden \(model.hidden), expert_ffn "
                + "\(model.expertFfn) in \(model.dtype.rawValue) need \(Gibibytes.text(weights)) GiB of weights and "
                + "\(Gibibytes.text(step + processes)) GiB for tokens and processes; \(Gibibytes.text(available)) GiB are "
                + "free: lower model.layers, model.experts, model.expert_ffn or workload.tokens, or use model.dtype: bf16"
        )
    }
}
