import Foundation
import MoE
import Tensors
import Testing

@testable import Experts

@Suite("Experts on oneDNN")
struct ExpertKernelTests {
    static let seed: UInt64 = 20_240_917

    private func tokens(_ rows: Int, _ hidden: Int) -> Matrix {
        var matrix = Matrix(rows: rows, columns: hidden)
        CounterRandom(seed: Self.seed, purpose: .test).fill(&matrix.values, bound: 1.732)
        return matrix
    }

    /// Runs `rows` rows in pieces of at most `piece` rows.
    private func run(_ kernel: ExpertKernel, _ expert: PackedExpert, _ input: Matrix, piece: Int) throws -> Matrix {
        var output = Matrix(rows: input.rows, columns: input.columns)
        let encoded = RowEncoding.encode(input.values, as: kernel.dtype)
        let rowBytes = input.columns * kernel.dtype.byteCount
        try unsafe encoded.withUnsafeBytes { source in
            try unsafe output.values.withUnsafeMutableBytes { target in
                for start in stride(from: 0, to: input.rows, by: piece) {
                    unsafe try kernel.run(
                        expert,
                        rows: min(piece, input.rows - start),
                        input: #require(source.baseAddress) + start * rowBytes,
                        output: #require(target.baseAddress) + start * input.columns * 4
                    )
                }
            }
        }
        return output
    }

    /// More rows than a block has, in pieces of any size: the bits of a row do not depend on what stands beside it.
    @Test(arguments: [DType.f32, .bf16], [1, 33, 100, 256, 300])
    func largeBlocksDoNotChangeTheBits(dtype: DType, piece: Int) throws {
        let shape = ExpertShape(hidden: 64, ffn: 96, activation: .swiglu)
        let kernel = try ExpertKernel(compute: ComputeEngine(threads: 1), shape: shape, dtype: dtype)
        let parameters = SeededWeights(seed: Self.seed).parameters(of: .routed(0), layer: 0, shape: shape)
        let expert = try kernel.pack(parameters)
        let input = tokens(600, 64)
        #expect(try run(kernel, expert, input, piece: piece) == run(kernel, expert, input, piece: 600))
    }

    /// bfloat16 outputs are the singles, rounded once, also from an address that only fits its type.
    @Test(arguments: [1, 16, 300])
    func bfloat16OutputsAreRoundedSingles(rows: Int) throws {
        let shape = ExpertShape(hidden: 64, ffn: 96, activation: .swiglu)
        let compute = try ComputeEngine(threads: 1)
        let parameters = SeededWeights(seed: Self.seed).parameters(of: .routed(0), layer: 0, shape: shape)
        let singles = try ExpertKernel(compute: compute, shape: shape, dtype: .bf16)
        let halves = try ExpertKernel(compute: compute, shape: shape, dtype: .bf16, outputType: .bf16)
        let input = tokens(rows, 64)
        let expected = try run(singles, singles.pack(parameters), input, piece: rows).values.map(BFloat16.init)
        let source = AlignedBuffer(byteCount: rows * 128 + 2)
        let output = AlignedBuffer(byteCount: rows * 128)
        unsafe input.values.withUnsafeBufferPointer { values in
            let place = unsafe UnsafeMutableRawBufferPointer(start: source.start + 2, count: rows * 128)
            unsafe RowEncoding.encode(values, columns: 64, as: .bf16, into: place)
        }
        unsafe try halves.run(
            halves.pack(parameters),
            rows: rows,
            input: UnsafeRawPointer(source.start + 2),
            output: output.start
        )
        let found = (0..<rows * 64).map { index in
            unsafe BFloat16(bitPattern: output.start.load(fromByteOffset: index * 2, as: UInt16.self))
        }
        #expect(found == expected)
    }

    /// Every activation, with and without biases.
    static let shapes = Activation.allCases.flatMap { activation in
        [false, true].map { ExpertShape(hidden: 100, ffn: 77, activation: activation, hasBiases: $0) }
    }

    @Test("matches plain loops", arguments: shapes, [DType.f32, .bf16])
    func matchesReference(shape: ExpertShape, dtype: DType) throws {
        let parameters = SeededWeights(seed: Self.seed).parameters(of: .routed(3), layer: 2, shape: shape)
        let kernel = try ExpertKernel(compute: ComputeEngine(threads: 1), shape: shape, dtype: dtype)
        let input = tokens(9, shape.hidden)
        let output = try run(kernel, kernel.pack(parameters), input, piece: 9)
        let reference = ReferenceExpert(parameters, dtype: dtype)
        for row in 0..<input.rows {
            let expected = reference(Array(input.row(row)))
            let scale = expected.map(abs).max() ?? 0
            let error = zip(output.row(row), expected).map { abs($0 - $1) }.max() ?? 0
            #expect(error <= scale * (dtype == .bf16 ? 1e-2 : 2e-6), "row \(row), error \(error) of \(scale)")
        }
    }

    /// Widths and activations of which every kind of product is used, with and without biases.
    static let wideShapes = [
        ExpertShape(hidden: 384, ffn: 768, activation: .swiglu),
        ExpertShape(hidden: 384, ffn: 768, activation: .clampedSwiglu, hasBiases: true),
        ExpertShape(hidden: 384, ffn: 768, activation: .relu, hasBiases: true),
    ]

    @Test("a row does not depend on the rows beside it", arguments: [DType.f32, .bf16], [1, 2, 3, 8, 17, 64])
    func rowsAreIndependent(dtype: DType, piece: Int) throws {
        for shape in Self.wideShapes { try expectIndependentRows(shape, dtype, piece: piece) }
    }

    private func expectIndependentRows(_ shape: ExpertShape, _ dtype: DType, piece: Int) throws {
        let parameters = SeededWeights(seed: Self.seed).parameters(of: .shared, layer: 0, shape: shape)
        let kernel = try ExpertKernel(compute: ComputeEngine(threads: 1), shape: shape, dtype: dtype)
        let expert = try kernel.pack(parameters)
        let input = tokens(65, shape.hidden)
        #expect(try run(kernel, expert, input, piece: 65) == run(kernel, expert, input, piece: piece))
    }

    @Test func biasesCountAsParametersButNotAsOperations() {
        let gated = ExpertShape(hidden: 8, ffn: 12, activation: .swiglu, hasBiases: true)
        #expect(gated.parameterCount == 3 * 96 + 2 * 12 + 8)
        #expect(gated.flopsPerToken == 6 * 96)
        let plain = ExpertShape(hidden: 8, ffn: 12, activation: .relu, hasBiases: true)
        #expect(plain.parameterCount == 2 * 96 + 12 + 8)
        #expect(ExpertShape(hidden: 8, ffn: 12, activation: .relu).parameterCount == 2 * 96)
    }

    @Test func shapeWithoutTheKeyHasNoBiases() throws {
        let json = #"{"hidden": 8, "ffn": 12, "activation": "relu"}"#
        let shape = try JSONDecoder().decode(ExpertShape.self, from: Data(json.utf8))
        #expect(shape == ExpertShape(hidden: 8, ffn: 12, activation: .relu))
        let biased = ExpertShape(hidden: 8, ffn: 12, activation: .relu, hasBiases: true)
        #expect(try JSONDecoder().decode(ExpertShape.self, from: JSONEncoder().encode(biased)) == biased)
    }

    @Test func projectionAddsItsBias() throws {
        let compute = try ComputeEngine(threads: 1)
        let matrix = tokens(5, 33)
        let input = tokens(7, 33)
        let bias: [Float] = [1, -2, 3, -4, 5]
        let plain = try Projection(compute: compute, matrix: matrix)(input)
        let biased = try Projection(compute: compute, matrix: matrix, bias: bias)(input)
        for row in 0..<7 {
            for column in 0..<5 { #expect(abs(biased[row, column] - plain[row, column] - bias[column]) < 1e-5) }
        }
        let error = #expect(throws: ComputeError.self) {
            try Projection(compute: compute, matrix: matrix, bias: [1])
        }
        #expect(error?.description == "1 biases for 5")
    }

    @Test func weightsAreAFunctionOfTheirCoordinates() {
        let shape = ExpertShape(hidden: 8, ffn: 12, activation: .swiglu)
        let weights = SeededWeights(seed: 5)
        let one = weights.parameters(of: .routed(1), layer: 1, shape: shape)
        #expect(one.up == weights.parameters(of: .routed(1), layer: 1, shape: shape).up)
        let others = [
            weights.parameters(of: .routed(0), layer: 1, shape: shape).up,
            weights.parameters(of: .routed(1), layer: 0, shape: shape).up,
            weights.parameters(of: .shared, layer: 1, shape: shape).up,
            weights.parameters(of: .dense, layer: 1, shape: shape).up,
            SeededWeights(seed: 6).parameters(of: .routed(1), layer: 1, shape: shape).up,
            one.gate ?? [],
        ]
        #expect(others.allSatisfy { $0 != one.up && !$0.isEmpty })
    }

    @Test func wrongShapeIsRefused() throws {
        let kernel = try ExpertKernel(
            compute: ComputeEngine(threads: 1),
            shape: ExpertShape(hidden: 8, ffn: 12, activation: .relu),
            dtype: .f32
        )
        let other = ExpertShape(hidden: 8, ffn: 16, activation: .relu)
        let parameters = SeededWeights(seed: 1).parameters(of: .routed(0), layer: 0, shape: other)
        #expect(throws: ComputeError.self) { try kernel.pack(parameters) }
    }

    @Test func halfPrecisionIsRefused() throws {
        let shape = ExpertShape(hidden: 8, ffn: 12, activation: .relu)
        let error = #expect(throws: ComputeError.self) {
            try ExpertKernel(compute: ComputeEngine(threads: 1), shape: shape, dtype: .f16)
        }
        #expect(error?.description == "products take F32 or BF16, not F16")
    }
}
