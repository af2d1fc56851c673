import Experts
import Foundation
import Glibc
import MoE
import Tensors
import Testing

/// How fast experts get from a file into packed weights, in processor time of one thread.
@Suite("Speed of loading", .serialized) struct LoadingSpeedTests {
    static let (hidden, ffn, experts) = (1024, 512, 6)

    /// Loops are not optimised in a debug build; a release has to be as fast as a disk.
    #if DEBUG
        static let least = 2e6
    #else
        static let least = 0.2e9
    #endif

    private func checkpoint(_ dtype: DType, in folder: TemporaryFolder) throws -> String {
        let block = "model.layers.0.mlp."
        func matrix(_ name: String, _ shape: [Int]) -> [TestTensor] {
            // Small codes of either sign, none of them NaN in any type.
            let pattern: [UInt8] = (0..<32).map { 0x28 + $0 / 2 + $0 % 2 * 0x80 }
            let byteCount = shape[0] * shape[1] * dtype.byteCount
            let bytes = (0..<byteCount / pattern.count).flatMap { _ in pattern }
            let stored = TestTensor(block + name + ".weight", dtype, shape, bytes)
            guard dtype == .f8e4m3 else { return [stored] }
            let blocks = shape.map { ($0 + 127) / 128 }
            return [stored, noisy(block + name + ".weight_scale_inv", blocks)]
        }
        let matrices = (0..<Self.experts).flatMap { expert in
            matrix("experts.\(expert).gate_proj", [Self.ffn, Self.hidden])
                + matrix("experts.\(expert).up_proj", [Self.ffn, Self.hidden])
                + matrix("experts.\(expert).down_proj", [Self.hidden, Self.ffn])
        }
        let router = noisy(block + "gate.weight", [Self.experts, Self.hidden])
        return try folder.write([router] + matrices, as: "model.safetensors")
    }

    @Test(arguments: [DType.bf16, .f8e4m3, .f16], [DType.f32, .bf16])
    func isNotTheBottleneck(stored: DType, packed: DType) throws {
        let folder = try TemporaryFolder()
        let layer = try layer(checkpoint(stored, in: folder), "olmoe", 0)
        let kernel = try ExpertKernel(compute: ComputeEngine(threads: 1), shape: layer.expertShape, dtype: packed)
        // The first one pays for what is done once.
        _ = try kernel.pack(layer.expertParameters(0))
        let start = clock()
        for expert in 1..<Self.experts { _ = try kernel.pack(layer.expertParameters(expert)) }
        let seconds = Double(clock() - start) / Double(CLOCKS_PER_SEC)
        let byteCount = (Self.experts - 1) * layer.expertShape.parameterCount * stored.byteCount
        let rate = Double(byteCount) / seconds
        print("\(stored.rawValue) to packed \(packed.rawValue): \(Int(rate / 1e6)) MB/s of the file")
        #expect(rate > Self.least, "\(stored.rawValue) to \(packed.rawValue): \(rate) bytes per second")
    }
}
