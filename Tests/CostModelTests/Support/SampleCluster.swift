import MoE
import Placement
import Tensors

@testable import CostModel

/// Hardware with round numbers.
func sampleProfile(_ changes: [HardwareConstant: Double] = [:]) throws -> HardwareProfile {
    var constants: [HardwareConstant: Constant] = [:]
    for constant in HardwareConstant.allCases {
        let value: Double =
            switch constant.unit {
            case "us": 10
            case "of peak": 0.5
            case "TFLOP/s": 1000
            case "GB": 80
            case "GB/s per SM": 10
            case "ranks", "NICs": 8
            case "rows": 64
            case "SMs": 20
            default: constant == .nicBandwidth ? 50 : constant == .memoryBandwidth ? 4000 : 400
            }
        constants[constant] = Constant(changes[constant] ?? value, basis: .measured, source: "round numbers")
    }
    return try HardwareProfile(name: "sample", summary: "round numbers", constants: constants)
}

/// `ranks` ranks of that hardware.
func sampleCluster(ranks: Int, perNode: Int = 8, _ changes: [HardwareConstant: Double] = [:]) throws -> ModelledCluster
{
    let counts: [HardwareConstant: Double] = [.ranksPerNode: Double(perNode), .nicsPerNode: Double(perNode)]
    return ModelledCluster(profile: try sampleProfile(changes.merging(counts) { own, _ in own }), ranks: ranks)
}

/// A layer of 32 experts.
let sampleShape = ModelShape(
    layers: 2,
    experts: 32,
    expert: ExpertShape(hidden: 1024, ffn: 512, activation: .swiglu),
    sharedExpert: ExpertShape(hidden: 1024, ffn: 512, activation: .swiglu)
)

/// Every token chooses `topK` different experts; popular ones have `skew` times the weight of others.
func samplePlan(tokens: Int, experts: Int, topK: Int, popular: Int = 0, skew: Float = 1, seed: UInt64) -> DispatchPlan {
    let random = CounterRandom(seed: seed, purpose: .test)
    var chosen: [Int32] = []
    var draw = 0
    for _ in 0..<tokens {
        var row: [Int32] = []
        while row.count < topK {
            let expert = Int32(random.uniform(draw) * Float(experts))
            let accept = random.uniform(draw + 1) * skew
            draw += 2
            guard Int(expert) < popular || accept < 1, !row.contains(expert) else { continue }
            row.append(expert)
        }
        chosen += row
    }
    return DispatchPlan(
        experts: experts,
        copyOffsets: (0...tokens).map { $0 * topK },
        expert: chosen,
        weight: [Float](repeating: 1 / Float(topK), count: chosen.count),
        position: [Int32](repeating: 0, count: chosen.count)
    )
}
