import MoE
import Testing

@testable import CostModel

@Suite("The range of predictions")
struct PredictionRangeTests {
    private func profile(
        _ basis: Constant.Basis,
        _ values: [HardwareConstant: Double] = [:]
    ) throws -> HardwareProfile {
        let constants = HardwareConstant.allCases.map { constant in
            (
                constant,
                Constant(values[constant] ?? (constant.range.contains(8) ? 8 : 0.5), basis: basis, source: "a test")
            )
        }
        return try HardwareProfile(
            name: "X1",
            summary: "",
            constants: Dictionary(uniqueKeysWithValues: constants)
        )
    }

    private func notes(
        _ kernel: CommunicationKernel,
        ranks: Int = 16,
        hidden: Int = 7168,
        experts: Int = 256,
        choices: Int = 8,
        tokens: Double = 128,
        in8Bits: Bool = true,
        isUniform: Bool = true,
        basis: Constant.Basis = .fitted,
        sms: Double = 20
    ) throws -> [String] {
        let cluster = ModelledCluster(profile: try profile(basis, [.normalSMs: sms]), ranks: ranks)
        let bytes = RowBytes(hidden: hidden, dispatchIn8Bits: in8Bits, kernel: kernel)
        return PredictionRange.warnings(
            communication: CommunicationModel(cluster: cluster, kernel: kernel, bytes: bytes),
            hidden: hidden,
            experts: experts,
            choices: choices,
            tokensPerRank: tokens,
            isUniform: isUniform
        )
    }

    @Test("nothing is said within the range")
    func inside() throws {
        #expect(try notes(.normal).isEmpty && notes(.lowLatency, ranks: 32, tokens: 2048).isEmpty)
        #expect(
            try notes(.lowLatency, experts: 288, tokens: 1).isEmpty && notes(.normal, tokens: 131_072, sms: 24).isEmpty
        )
    }

    @Test("each way out of it is named, and the largest error bar counts")
    func communication() throws {
        let start = "communication beyond what was checked: "
        #expect(try notes(.normal, ranks: 32) == [start + "nodes 4 (checked: 1 to 2); may be off by 20 %"])
        #expect(try notes(.lowLatency, ranks: 64) == [start + "nodes 8 (checked: 1 to 4); may be off by 20 %"])
        #expect(
            try notes(.lowLatency, tokens: 0.5) == [
                start + "tokens per rank below 1 (checked: 1 to 2048); may be off by 30 %"
            ]
        )
        #expect(
            try notes(.lowLatency, hidden: 4096, experts: 64, choices: 6, tokens: 4096, in8Bits: false) == [
                start
                    + "dispatch in bf16 (checked: fp8); hidden 4096 (checked: 7168); experts 64 (checked: 256 to 288); "
                    + "top-k 6 (checked: 8); tokens per rank 4096 (checked: 1 to 2048); may be off by 25 %"
            ]
        )
        #expect(try notes(.normal, sms: 32) == [start + "SMs 32 (checked: 20 to 24); may be off by 25 %"])
        let unknown = "; nothing measured says how far off it is"
        #expect(
            try notes(.normal, ranks: 32, isUniform: false) == [
                start + "nodes 4 (checked: 1 to 2); routing that is not uniform (checked: uniform)" + unknown
            ]
        )
        #expect(
            try notes(.normal, basis: .assumed) == [
                start + "X1, whose kernels have the constants of other hardware" + unknown
            ]
        )
        #expect(
            try notes(.ring) == [
                start + "nccl-ring (checked: the normal and low-latency kernels of DeepEP)" + unknown
            ]
        )
    }

    @Test("products of experts")
    func products() throws {
        func notes(
            _ kernel: ProductKernel,
            ffn: Int = 2048,
            in8Bits: Bool = true,
            ranks: Int = 8,
            tokens: Double = 64,
            basis: Constant.Basis = .fitted
        ) throws -> [String] {
            let shape = ExpertShape(hidden: 7168, ffn: ffn, activation: .swiglu)
            let work = ExpertWork(shape: shape, isIn8Bits: in8Bits)
            let model = try ComputeModel(profile: profile(basis), kernel: kernel, work: work)
            return PredictionRange.warnings(
                products: model,
                experts: 256,
                choices: 8,
                ranks: ranks,
                tokensPerRank: tokens
            )
        }
        let start = "expert products beyond what was checked: "
        #expect(try notes(.masked).isEmpty && notes(.contiguous, tokens: 16384).isEmpty)
        #expect(try notes(.masked, ranks: 1) == [start + "ranks 1 (checked: 2 to 256); may be off by 18 %"])
        #expect(
            try notes(.masked, tokens: 500) == [start + "tokens per rank 500 (checked: 1 to 128); may be off by 18 %"]
        )
        #expect(
            try notes(.masked, tokens: 600) == [start + "tokens per rank 600 (checked: 1 to 128); may be off by 30 %"]
        )
        #expect(
            try notes(.contiguous, ffn: 768, in8Bits: false) == [
                start + "bf16 (checked: fp8 blocks); ffn 768 (checked: 2048); may be off by 30 %"
            ]
        )
        #expect(
            try notes(.masked, ffn: 768, basis: .assumed) == [
                start + "X1, whose efficiencies were measured on other hardware; ffn 768 (checked: 2048); "
                    + "nothing measured says how far off it is"
            ]
        )
    }

    @Test("values that no constant may have")
    func constants() throws {
        #expect(throws: HardwareError("nic_bandwidth: found 0.0, allowed: a number from 1e-9 to 1e12")) {
            try profile(.fitted, [.nicBandwidth: 0])
        }
        #expect(throws: HardwareError("ranks_per_node: found 2.5, allowed: an integer from 1 to 1000000")) {
            try profile(.fitted, [.ranksPerNode: 2.5])
        }
        #expect(throws: HardwareError("masked_memory_efficiency: found 1.5, allowed: a number from 1e-9 to 1")) {
            try profile(.fitted, [.maskedMemoryEfficiency: 1.5])
        }
        #expect(throws: HardwareError("gate_launch: found nan, allowed: a number from 0 to 1e12")) {
            try profile(.fitted, [.gateLaunch: .nan])
        }
    }
}
