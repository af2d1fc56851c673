public import CostModel
import MoE

/// One measured time, with the model that predicts it.
public struct Observation: Sendable {
    /// The name of the table.
    public let file: String
    /// The index of the row in the table, from 0.
    public let row: Int
    /// The line of the row in the file, from 1.
    public let line: Int
    /// The name of the hardware profile.
    public let hardware: String
    /// The figure that was measured.
    public let figure: TimingFigure
    /// The kernel or product that was run, with its sizes.
    public let setting: TimingRow.Setting
    /// The measured time, in seconds.
    public let measuredSeconds: Double
    /// The constants of the hardware that the prediction reads.
    public let constants: Set<HardwareConstant>

    let layout: MachineLayout
    private let prediction: Prediction

    private enum Prediction {
        case kernel(KernelPrediction)
        case experts(ExpertPrediction)
    }

    /// The observations of a row of a table.
    ///
    /// - Throws: `HardwareError` when the hardware cannot run the row's setting.
    static func all(
        of row: TimingRow,
        at index: Int,
        in file: String,
        on profile: HardwareProfile
    ) throws(HardwareError) -> [Observation] {
        let layout = MachineLayout(row.setting)
        let machine = try layout.applied(to: profile)
        let prediction: Prediction
        let constants: Set<HardwareConstant>
        switch row.setting {
        case .kernel(let setting):
            let kernel = try KernelPrediction(setting, on: machine)
            (prediction, constants) = (.kernel(kernel), kernel.constants(on: machine))
        case .experts(let setting):
            let experts = ExpertPrediction(setting)
            (prediction, constants) = (.experts(experts), try experts.constants(on: machine))
        }
        return TimingFigure.allCases.compactMap { figure in
            guard let measurement = row.measurements[figure] else { return nil }
            return Observation(
                file: file,
                row: index,
                line: row.line,
                hardware: profile.name,
                figure: figure,
                setting: row.setting,
                measuredSeconds: seconds(measurement, figure, prediction, machine),
                constants: constants,
                layout: layout,
                prediction: prediction
            )
        }
    }

    /// The predicted time in seconds, on hardware in the layout of the row.
    func seconds(on machine: HardwareProfile) throws(HardwareError) -> Double {
        switch prediction {
        case .kernel(let kernel): kernel.seconds(of: figure, on: machine)
        case .experts(let experts): try experts.seconds(on: machine)
        }
    }

    private static func seconds(
        _ measurement: TimingRow.Measurement,
        _ figure: TimingFigure,
        _ prediction: Prediction,
        _ machine: HardwareProfile
    ) -> Double {
        switch (measurement, prediction) {
        case (.seconds(let seconds), _): seconds
        case (.bandwidth(let bandwidth), .kernel(let kernel)):
            kernel.countedBytes(of: figure, on: machine) / (bandwidth * 1e9)
        case (.bandwidth, .experts): .nan
        }
    }
}

extension [Observation] {
    /// The predicted time of each observation in seconds, all on one hardware.
    func seconds(on profile: HardwareProfile) throws(HardwareError) -> [Double] {
        var machines: [MachineLayout: HardwareProfile] = [:]
        var seconds: [Double] = []
        seconds.reserveCapacity(count)
        for observation in self {
            let machine: HardwareProfile
            if let known = machines[observation.layout] {
                machine = known
            } else {
                machine = try observation.layout.applied(to: profile)
                machines[observation.layout] = machine
            }
            seconds.append(try observation.seconds(on: machine))
        }
        return seconds
    }
}

extension Observation {
    /// Notes on the sizes of the row that lie beyond the rows that the model was checked on.
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
            return PredictionRange.warnings(
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
            return PredictionRange.warnings(
                products: model,
                experts: setting.experts,
                choices: setting.choices,
                ranks: setting.gpus,
                tokensPerRank: Double(setting.tokens) / Double(setting.gpus)
            )
        }
    }
}

/// The layout of the machine that a row gives: ranks per node, and multiprocessors that communicate.
struct MachineLayout: Hashable {
    /// The number of ranks per node, or nil for the profile's.
    var ranksPerNode: Int?
    /// The number of multiprocessors that communicate, or nil for the profile's.
    var sms: Int?

    init(_ setting: TimingRow.Setting) {
        if case .kernel(let kernel) = setting {
            ranksPerNode = kernel.gpusPerNode
            sms = kernel.sms
        }
    }

    /// The profile with this layout; each rank keeps its part of the node's network interfaces.
    func applied(to profile: HardwareProfile) throws(HardwareError) -> HardwareProfile {
        var values: [HardwareConstant: Double] = [:]
        if let sms { values[.normalSMs] = Double(sms) }
        if let ranksPerNode, Double(ranksPerNode) != profile[.ranksPerNode] {
            let nics = profile[.nicsPerNode] * Double(ranksPerNode) / profile[.ranksPerNode]
            values[.ranksPerNode] = Double(ranksPerNode)
            values[.nicsPerNode] = max(1, nics.rounded())
        }
        return try profile.replacing(values, source: "the row")
    }
}

/// The prediction of the expert products of one row, for any values of the constants.
struct ExpertPrediction {
    private let setting: ExpertSetting
    /// The number of rows of each expert of the rank, `[draws][experts of the rank]`.
    private let rows: [[Double]]

    init(_ setting: ExpertSetting) {
        self.setting = setting
        rows = BenchmarkLoads(setting).rows
    }

    /// The mean predicted time over the draws, in seconds. The receive buffer of the benchmark holds the tokens of all
    /// ranks.
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
