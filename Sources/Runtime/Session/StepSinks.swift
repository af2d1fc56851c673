import Basics
internal import CSodium
internal import Tensors

/// The consumers of a measured step's results: digest, verification and file of outputs. Their time is not measured.
struct StepSinks {
    private var digest = OutputDigest()
    private var verifier: Verifier?
    private let file: OutputFile?

    init(_ setup: SessionSetup, _ plan: RunPlan, _ options: SessionOptions) throws(RuntimeError) {
        verifier = options.verifies ? try Verifier(setup: setup) : nil
        if let path = options.outputsPath {
            file = try OutputFile(
                path: path,
                setup: setup,
                steps: plan.run.steps,
                metadata: ["epsim": EpsimVersion.current, "seed": String(plan.run.seed)]
            )
        } else {
            file = nil
        }
    }

    /// True when a consumer needs the inputs and outputs of the layers.
    var wantLayers: Bool { verifier != nil || file != nil }

    mutating func take(_ result: StepResult, pump: () throws(RuntimeError) -> Void) throws(RuntimeError) {
        digest.add(result.output)
        try file?.add(result)
        try verifier?.check(result, pump: pump)
    }

    func finish() throws(RuntimeError) {
        try file?.finish()
    }

    func report(to outcome: inout SessionOutcome) {
        outcome.outputDigest = digest.hexadecimal
        outcome.checkedTokens = verifier?.checkedTokens
        outcome.wrongTokens = verifier?.wrongTokens
        outcome.outputError = verifier?.wireError.relative
    }
}

/// SHA-256 over the outputs of all measured steps: little-endian singles, in token order.
struct OutputDigest {
    private var state = crypto_hash_sha256_state()
    private var isEmpty = true

    init() {
        unsafe crypto_hash_sha256_init(&state)
    }

    mutating func add(_ output: Matrix) {
        isEmpty = false
        unsafe output.values.withUnsafeBufferPointer { values in
            let bytes = unsafe UnsafeRawBufferPointer(values).assumingMemoryBound(to: UInt8.self)
            unsafe crypto_hash_sha256_update(&state, bytes.baseAddress, UInt64(bytes.count))
        }
    }

    /// The digest as 64 hexadecimal digits, or nil when no step was measured.
    var hexadecimal: String? {
        guard !isEmpty else { return nil }
        var final = state
        var digest = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
        unsafe crypto_hash_sha256_final(&final, &digest)
        return Hexadecimal.text(digest)
    }
}
