public import Records

extension HostPrediction {
    /// The mean of steps, each given by its layers.
    ///
    /// - Precondition: there is a step.
    public init(hardware: String, steps: [[HostLayerTimes]]) {
        precondition(!steps.isEmpty, "a mean of no steps")
        let layers = steps.joined()
        let count = Double(steps.count)
        self.init(
            hardware: hardware,
            stepSeconds: layers.reduce(0) { $0 + $1.seconds } / count,
            processorSeconds: layers.reduce(0) { $0 + $1.processorSeconds } / count,
            phaseSeconds: Phase.allCases.map { phase in layers.reduce(0) { $0 + $1.seconds(in: phase) } / count }
        )
    }
}
