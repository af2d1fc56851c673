import Basics
import Experts
import MoE
import Tensors
import TestSupport

extension TemporaryFolder {
    /// Writes a safetensors file and returns its path.
    @discardableResult
    func write(_ tensors: [TestTensor], as name: String) throws -> String {
        var header: [String: JSON] = [:]
        var data: [UInt8] = []
        for tensor in tensors {
            header[tensor.name] = .members([
                "dtype": .text(tensor.dtype.rawValue), "shape": .list(tensor.shape.map { .integer($0) }),
                "data_offsets": .list([.integer(data.count), .integer(data.count + tensor.bytes.count)]),
            ])
            data += tensor.bytes
        }
        return try write(safetensors(JSONText.line(JSON.members(header)), data: data), as: name)
    }
}

/// A tensor to write, as bytes.
struct TestTensor {
    var name: String
    var dtype: DType
    var shape: [Int]
    var bytes: [UInt8]

    /// Singles.
    init(_ name: String, _ shape: [Int], _ values: [Float]) {
        self.init(
            name,
            .f32,
            shape,
            values.flatMap { littleEndian($0.bitPattern) }
        )
    }

    init(_ name: String, _ dtype: DType, _ shape: [Int], _ bytes: [UInt8]) {
        (self.name, self.dtype, self.shape, self.bytes) = (name, dtype, shape, bytes)
    }
}

/// Numbers from -1 to 1 that depend on a name.
func noise(_ name: String, _ count: Int) -> [Float] {
    let seed = name.utf8.reduce(UInt64(7)) { $0 &* 31 &+ UInt64($1) }
    var values = [Float](repeating: 0, count: count)
    CounterRandom(seed: seed, purpose: .test).fill(&values, bound: 1)
    return values
}

/// A tensor of such numbers.
func noisy(_ name: String, _ shape: [Int]) -> TestTensor {
    TestTensor(name, shape, noise(name, shape.reduce(1, *)))
}

/// `[columns, rows]` of a matrix `[rows, columns]`.
func transposed(_ values: [Float], rows: Int, columns: Int) -> [Float] {
    (0..<columns).flatMap { column in (0..<rows).map { values[$0 * columns + column] } }
}

/// Experts of a small model: hidden 6, inner width 4, 3 experts, layer 2 of Mixtral.
enum SmallMixtral {
    static let block = "model.layers.2.block_sparse_moe."

    static func tensors(experts: Int = 3) -> [TestTensor] {
        [noisy(block + "gate.weight", [experts, 6])]
            + (0..<experts).flatMap { expert in
                [
                    noisy(block + "experts.\(expert).w1.weight", [4, 6]),
                    noisy(block + "experts.\(expert).w3.weight", [4, 6]),
                    noisy(block + "experts.\(expert).w2.weight", [6, 4]),
                ]
            }
    }

    /// What expert `expert` must come out as.
    static func parameters(_ expert: Int) -> ExpertParameters {
        ExpertParameters(
            shape: ExpertShape(hidden: 6, ffn: 4, activation: .swiglu),
            gate: noise(block + "experts.\(expert).w1.weight", 24),
            up: noise(block + "experts.\(expert).w3.weight", 24),
            down: noise(block + "experts.\(expert).w2.weight", 24)
        )
    }
}

/// One layer of a checkpoint.
func layer(_ path: String, _ family: String, _ number: Int) throws -> CheckpointLayer {
    try CheckpointLayer(checkpoint: Checkpoint(path: path), family: .named(family), layer: number)
}
