/// Everything that looks at the results of a measured step, outside of its time.
struct StepSinks {
    private var digest = OutputDigest()
    private var verifier: Verifier?
    private let file: OutputFile?

    init(_ setup: SessionSetup, _ configuration: RunPlan, _ options: SessionOptions) throws(RuntimeError) {
        verifier = options.verifies ? try Verifier(setup: setup) : nil
        if let path = options.outputsPath {
            file = try OutputFile(
                path: path,
                setup: setup,
                steps: configuration.run.steps,
                metadata: ["epsim": EpsimVersion.current, "seed": String(configuration.run.seed)]
            )
        } else {
            file = nil
        }
    }

    /// True when somebody needs the inputs and outputs of the layers.
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
