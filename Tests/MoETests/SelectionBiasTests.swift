import Foundation
import Tensors
import TestSupport
import Testing

@testable import MoE

/// DeepSeek-V3's selection bias on real hidden states: the loads get even while it learns.
@Suite("Selection bias on real hidden states")
struct SelectionBiasTests {
    static let (experts, tokensPerStep) = (16, 256)

    /// Logits of unit variance per step, from the bundled hidden states and a seeded gate; 16 steps go through all.
    static let steps: [Matrix] = {
        let path = packageFolder("configs/data") + "/minilm-l6.layer3.safetensors"
        guard let file = try? SafetensorsFile(path: path),
            let states = try? file.tensor(named: "hidden_states"),
            let values = try? states.floats(rows: 0..<states.rows)
        else { return [] }
        let hidden = Matrix(rows: states.rows, columns: states.elementsPerRow, values: values)
        return (0..<hidden.rows / tokensPerStep).map { logits(of: hidden, from: $0 * tokensPerStep) }
    }()

    private static func logits(of hidden: Matrix, from first: Int) -> Matrix {
        let gate = Matrix(randomRows: experts, columns: hidden.columns, seed: 11)
        var logits = Matrix(rows: tokensPerStep, columns: experts)
        for token in 0..<tokensPerStep {
            let row = hidden.row(first + token)
            let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
            for expert in 0..<experts {
                // Numbers that are uniform on [-3, 3) have the variance 3.
                let sum = zip(row, gate.row(expert)).reduce(0) { $0 + $1.0 * $1.1 }
                logits[token, expert] = sum / length / Float(3).squareRoot()
            }
        }
        return logits
    }

    /// MaxVio averaged over the first and over the last pass through the hidden states.
    private func violations(_ change: (inout RouterOptions) -> Void, passes: Int) throws -> (
        first: Double, last: Double
    ) {
        var options = RouterOptions()
        options.topK = 4
        change(&options)
        let router = try RouterCatalogue.router(named: "deepseek-v3", options: options)
        var state = RouterState()
        var history: [Double] = []
        for step in 0..<passes * Self.steps.count {
            let plan = try router.route(RouterBatch(Self.steps[step % Self.steps.count]), state: &state).plan
            let loads = ExpertLoads(plan).kept
            history.append(LoadStatistics(loads).maxViolation)
            router.finishStep(loads: loads, state: &state)
        }
        func mean(_ values: ArraySlice<Double>) -> Double { values.reduce(0, +) / Double(values.count) }
        return (mean(history.prefix(Self.steps.count)), mean(history.suffix(Self.steps.count)))
    }

    @Test(arguments: [
        (SelectionBias.Update.sign, SelectionBias.Form.added, 0.005), (.error, .added, 0.0002),
        (.sign, .multiplied, 0.005),
    ])
    func evensTheLoads(update: SelectionBias.Update, form: SelectionBias.Form, rate: Double) throws {
        try #require(Self.steps.count == 16)
        let found = try violations({ ($0.biasUpdate, $0.biasForm, $0.biasRate) = (update, form, rate) }, passes: 8)
        print("MaxVio by \(update), \(form), rate \(rate): \(found.first) in the first pass, \(found.last) in the last")
        #expect(found.last < 0.6 * found.first, "\(found)")
    }

    @Test func nothingChangesWithoutIt() throws {
        let found = try violations({ $0.biasRate = 0 }, passes: 2)
        #expect(found.first == found.last && found.first > 1, "\(found)")
    }
}
