import CostModel
import Figures
import MadeUpRuns
import MoE
import Records
import Testing

@testable import Reports

@Suite("Prediction beside measurement")
struct PredictionTests {
    private static let run = MadeUpRun(ranks: 4, layers: 4, steps: 20)

    private func report(_ prediction: HostPrediction?) throws -> Report {
        try Self.run.report(prediction: prediction)
    }

    private func prediction() throws -> HostPrediction {
        let constants = HostConstant.allCases.map { ($0, Constant(2, basis: .measured, source: "made up")) }
        let profile = try HostProfile(
            name: "this-machine",
            processor: "none",
            constants: Dictionary(uniqueKeysWithValues: constants)
        )
        let model = HostModel(
            profile: profile,
            stack: HostStack(
                model: Self.run.description.model,
                arithmetic: .f32,
                dispatch: HostStack.RowType(bytes: 2048, isSingle: true),
                combine: HostStack.RowType(bytes: 2048, isSingle: true),
                workers: 1,
                depth: 4
            )
        )
        var memory = model.memory
        let rank = HostLayer.Rank(expertRows: [512, 512], sentRows: 512, replyRows: 1024)
        let times = model.times(HostLayer(tokens: 512, chunks: 1, ranks: [rank]), &memory)
        return HostPrediction(hardware: profile.name, steps: [[times, times]])
    }

    @Test func withoutAProfileNothingChanges() throws {
        let report = try report(nil)
        #expect(report.prediction == nil)
        #expect(try report.json().contains("\"prediction\" : null"))
        #expect(!TerminalReport.render(report).contains("predicted"))
    }

    @Test func figuresStandBesideThoseOfTheRun() throws {
        let prediction = try prediction()
        let report = try report(prediction)
        let figures = try #require(report.prediction)
        let median = try #require(report.figures[spread: .stepSeconds].p50)
        #expect(figures.figures[.predictedSeconds] == prediction.stepSeconds)
        #expect(figures.figures[.predictionError] == prediction.stepSeconds / median - 1)
        #expect(figures.phases.map(\.phase) == Phase.allCases)
        let sum = figures.phases.reduce(0) { $0 + $1.seconds }
        #expect(abs(sum - prediction.stepSeconds) < 1e-8)
        #expect(try Report(json: report.json()) == report)
        let text = TerminalReport.render(report)
        #expect(text.contains("predicted ms") || text.contains("predicted s"), "\(text)")
        #expect(text.contains("predicted by this-machine: step "))
    }
}
