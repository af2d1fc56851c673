public import CostModel

/// One measured time, and the model that predicts it.
public struct Observation: Sendable {
    /// The table.
    public let file: String
    /// Its place among the rows of the table, from 0.
    public let row: Int
    /// Its line.
    public let line: Int
    /// The hardware, by the name of its profile.
    public let hardware: String
    /// What was measured.
    public let figure: TimingFigure
    /// What was run.
    public let setting: TimingRow.Setting
    /// The measured time.
    public let measuredSeconds: Double
    /// The constants of the hardware that the prediction reads.
    public let constants: Set<HardwareConstant>

    let layout: MachineLayout
    private let prediction: Prediction

    private enum Prediction {
        case kernel(KernelPrediction)
        case experts(ExpertPrediction)
    }

    /// The observations of a row.
    ///
    /// - Throws: ``CostModel/HardwareError`` when the hardware cannot run it.
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

    /// Seconds by the model, on hardware in the layout of the row.
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
    /// Seconds by the model for each, all on one hardware.
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
