internal import Cluster
internal import Experts
internal import Foundation
internal import MoE
internal import Tensors

/// How tokens visit the common experts: sigmoid(x g) weighs the shared one where the model has that gate
/// (Qwen2-MoE, transformers modeling_qwen2_moe.py).
final class SharedGate {
    private let experts: [CommonExpert]
    private let gates: [Projection?]

    init(_ source: any ExpertSource, compute: ComputeEngine) throws {
        experts = source.shape.commonExperts
        gates = try (0..<source.shape.layers).map { layer in
            try source.sharedGate(layer: layer).map { gate in
                try Projection(compute: compute, matrix: Matrix(rows: 1, columns: gate.count, values: gate))
            }
        }
    }

    /// The visits of one layer, in the order of ``ModelShape/commonExperts``.
    ///
    /// - Parameters:
    ///   - tokens: what router and routed experts read.
    ///   - firstDenseRow: the row of the layer's input that the dense network reads for token 0.
    func visits(tokens: Matrix, firstDenseRow: Int, layer: Int) throws(ComputeError) -> [CommonVisits] {
        var visits: [CommonVisits] = []
        for expert in experts {
            switch expert.identity {
            case .dense: visits.append(CommonVisits(firstRow: firstDenseRow))
            default: visits.append(CommonVisits(weights: try gates[layer]?(tokens).values.map(Self.sigmoid)))
            }
        }
        return visits
    }

    /// 1 / (1 + exp(-x)), in double precision.
    static func sigmoid(_ logit: Float) -> Float {
        Float(1 / (1 + exp(-Double(logit))))
    }
}
