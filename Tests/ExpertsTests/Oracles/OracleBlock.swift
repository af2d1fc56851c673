import Experts
import Foundation
import MoE
import Tensors
import TestSupport
import Testing

/// Recomputes the block of an oracle from its checkpoint, with the selections and weights that were recorded.
struct OracleBlock {
    /// Runs rows through one expert.
    typealias Run = (ExpertParameters, Matrix) throws -> Matrix

    let oracle: OracleCase
    let layer: CheckpointLayer
    let input: Matrix
    let run: Run

    init(_ oracle: OracleCase, run: @escaping Run) throws {
        self.oracle = oracle
        layer = try oracle.checkpointLayer()
        input = try oracle.recorded("input")
        self.run = run
    }

    /// The weighted sum of the experts, as the family defines it.
    func routedOutput() throws -> Matrix {
        let index = try oracle.recordedIntegers("topk_index")
        let weight = try oracle.recorded("topk_weight")
        let kept = try oracle.kept()
        var output = Matrix(rows: input.rows, columns: layer.hidden)
        for expert in 0..<layer.experts {
            let copies = index.indices.filter { index[$0] == Int64(expert) && kept[$0] != 0 }
            if copies.isEmpty { continue }
            let tokens = copies.map { $0 / weight.columns }
            let weights = copies.map { weight.values[$0] }
            let results = try run(layer.expertParameters(expert), rows(tokens, weights))
            for (copy, token) in tokens.enumerated() {
                let factor = weighsInput ? 1 : weights[copy]
                for column in 0..<layer.hidden { output[token, column] += factor * results[copy, column] }
            }
        }
        for copy in index.indices where index[copy] >= Int64(layer.experts) {
            let token = copy / weight.columns
            for column in 0..<layer.hidden { output[token, column] += weight.values[copy] * input[token, column] }
        }
        return try thinned(output)
    }

    /// The block's output: what the routed experts, the shared expert and the output bias add up to.
    func output(routed: Matrix, shared: Matrix?) throws -> Matrix {
        var output = routed
        for index in output.values.indices { output.values[index] += shared?.values[index] ?? 0 }
        guard let bias = try layer.outputBias() else { return output }
        for token in 0..<input.rows {
            for column in 0..<layer.hidden { output[token, column] += bias[column] }
        }
        return output
    }

    /// What the shared expert adds, or nil when the family has none.
    func sharedOutput() throws -> Matrix? {
        guard let parameters = try layer.sharedExpertParameters() else { return nil }
        var output = try run(parameters, input)
        if let gate = try layer.sharedGate() {
            for token in 0..<input.rows {
                let logit = ReferenceProduct.product(gate, Array(input.row(token)))[0]
                let weight = 1 / (1 + Float(exp(-Double(logit))))
                for column in 0..<layer.hidden { output[token, column] *= weight }
            }
        }
        return output
    }

    /// Llama-4 multiplies the weight into what the expert reads.
    private var weighsInput: Bool { layer.family.routerName == "llama-4" }

    private func rows(_ tokens: [Int], _ weights: [Float]) -> Matrix {
        var values: [Float] = []
        for (copy, token) in tokens.enumerated() {
            let factor = weighsInput ? weights[copy] : 1
            values += input.row(token).map { factor * $0 }
        }
        return Matrix(rows: tokens.count, columns: layer.hidden, values: values)
    }

    /// NLLB-MoE multiplies what experts return with the probability of not being dropped out, also in evaluation.
    private func thinned(_ output: Matrix) throws -> Matrix {
        guard let dropout = try oracle.checkpointConfiguration().tokenDropout else { return output }
        var output = output
        for index in output.values.indices { output.values[index] *= Float(1 - dropout) }
        return output
    }
}
