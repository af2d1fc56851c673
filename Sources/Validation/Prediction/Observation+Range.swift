import CostModel
import MoE

extension Observation {
    /// In what the row lies beyond the rows that the model was checked on.
    ///
    /// - Parameter profile: the hardware of the row.
    func notes(on profile: HardwareProfile) -> [String] {
        guard let machine = try? layout.applied(to: profile) else { return [] }
        switch setting {
        case .kernel(let setting):
            let model = CommunicationModel(
                cluster: ModelledCluster(profile: machine, ranks: setting.gpus),
                kernel: setting.kernel,
                bytes: RowBytes(
                    hidden: setting.hidden,
                    dispatchIn8Bits: setting.dispatchIn8Bits,
                    kernel: setting.kernel
                )
            )
            return PredictionRange.notes(
                communication: model,
                hidden: setting.hidden,
                experts: setting.experts,
                choices: setting.choices,
                tokensPerRank: Double(setting.tokensPerGPU),
                isUniform: true
            )
        case .experts(let setting):
            let shape = ExpertShape(hidden: setting.hidden, ffn: setting.ffn, activation: .swiglu)
            let work = ExpertWork(shape: shape, isIn8Bits: setting.isIn8Bits)
            guard let model = try? ComputeModel(profile: machine, kernel: setting.kernel, work: work) else { return [] }
            return PredictionRange.notes(
                products: model,
                experts: setting.experts,
                choices: setting.choices,
                ranks: setting.gpus,
                tokensPerRank: Double(setting.tokens) / Double(setting.gpus)
            )
        }
    }
}
