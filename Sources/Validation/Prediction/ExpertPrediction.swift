import CostModel
import MoE

/// The expert products of one row, for any values of the constants.
struct ExpertPrediction {
    private let setting: ExpertSetting
    /// Rows of each expert of the rank, `[draws][experts of the rank]`.
    private let rows: [[Double]]

    init(_ setting: ExpertSetting) {
        self.setting = setting
        rows = BenchmarkLoads(setting).rows
    }

    /// Mean seconds over the draws. The receive buffer of the benchmark holds the tokens of all ranks.
    func seconds(on profile: HardwareProfile) throws(HardwareError) -> Double {
        let model = try model(on: profile)
        let tokens = Double(setting.tokens)
        return rows.reduce(0) { $0 + model.seconds(rows: $1, tokens: tokens) } / Double(rows.count)
    }

    /// The constants that the prediction reads.
    func constants(on profile: HardwareProfile) throws(HardwareError) -> Set<HardwareConstant> {
        try model(on: profile).constants
    }

    private func model(on profile: HardwareProfile) throws(HardwareError) -> ComputeModel {
        let shape = ExpertShape(hidden: setting.hidden, ffn: setting.ffn, activation: .swiglu)
        let work = ExpertWork(shape: shape, isIn8Bits: setting.isIn8Bits)
        return try ComputeModel(profile: profile, kernel: setting.kernel, work: work)
    }
}
