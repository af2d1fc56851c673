import CostModel
import Basics

extension TimingRow.Setting: CustomStringConvertible {
    /// The setting in a few words, for a line about a row.
    public var description: String {
        switch self {
        case .kernel(let kernel):
            let nodes = Counted.text(kernel.nodes, "node")
            let sms = kernel.sms.map { ", \($0) SMs" } ?? ""
            return "\(kernel.kernel.rawValue), \(kernel.gpus) ranks on \(nodes), \(kernel.experts) experts, "
                + "\(kernel.tokensPerGPU) tokens per rank\(sms)"
        case .experts(let experts):
            let phase = experts.kernel == .contiguous ? "prefill" : "decode"
            return "\(phase), \(experts.gpus) ranks, \(experts.tokens) tokens in all, \(experts.routing)"
        }
    }
}

extension BenchmarkRouting: CustomStringConvertible {
    /// `uniform` or `power law 1.2`.
    public var description: String {
        switch self {
        case .uniform: "uniform"
        case .powerLaw(let exponent): "power law \(exponent)"
        }
    }
}
