import MoE
import Tensors
import Testing

@testable import Experts

/// A row has the same bits wherever it stands and whatever stands beside it: in every form that is offered.
@Suite("Products of rows")
struct RowProductTests {
    /// More rows than a block has.
    private static let rows = 513

    /// A product over rows, in blocks as experts have them.
    private struct Bench {
        let product: RowProduct
        let weights: HeldWeights
        let input: AlignedBuffer

        init(_ shape: ProductShape, _ form: ProductForm?) throws {
            product = try RowProduct(
                compute: ComputeEngine(threads: 1),
                shape: shape,
                outputType: .f32,
                form: form,
                scratch: ProductScratch(columns: max(shape.inputs, shape.outputs))
            )
            weights = try product.pack(Self.values(shape.inputs * shape.outputs, 1))
            input = RowEncoding.encode(Self.values(RowProductTests.rows * shape.inputs, 2), as: shape.dtype)
        }

        private static func values(_ count: Int, _ index: Int) -> [Float] {
            var values = [Float](repeating: 0, count: count)
            CounterRandom(seed: 20_261_129, purpose: .test, index, 0).fill(&values, bound: 1)
            return values
        }

        /// Results of `rows`, `[rows, outputs]`.
        func run(_ rows: Range<Int>) throws -> [Float] {
            let shape = product.shape
            var output = [Float](repeating: 0, count: rows.count * shape.outputs)
            let rowBytes = shape.inputs * shape.dtype.byteCount
            let size = RowBlock.size(for: rows.count, height: product.form.blockRows)
            for first in stride(from: 0, to: rows.count, by: size) {
                let count = min(size, rows.count - first)
                try unsafe output.withUnsafeMutableBytes { bytes in
                    unsafe try product.run(
                        rows: count,
                        input: UnsafeRawPointer(input.start) + (rows.lowerBound + first) * rowBytes,
                        weights: weights,
                        output: #require(bytes.baseAddress) + first * shape.outputs * 4
                    )
                }
            }
            return output
        }

        /// The first height at which a row has other bits than among all rows, at the front or at the end of them.
        func changingHeight(step: Int) throws -> Int? {
            let count = RowProductTests.rows
            let all = try run(0..<count)
            let width = product.shape.outputs
            for height in stride(from: 1, through: count, by: step) {
                for rows in [0..<height, count - height..<count] {
                    let found = try run(rows)
                    let expected = all[rows.lowerBound * width..<rows.upperBound * width]
                    guard found.elementsEqual(expected) else { return height }
                }
            }
            return nil
        }
    }

    static let bfloat16 = ProductShape(inputs: 384, outputs: 96, dtype: .bf16, work: .hundreds)

    static let widths = [384, 1024, 3584, 7168]

    /// Every height, so every row at every position.
    @Test(arguments: widths, WorkClass.allCases)
    func singlesKeepTheirBits(inputs: Int, work: WorkClass) throws {
        let shape = ProductShape(inputs: inputs, outputs: 40, dtype: .f32, work: work)
        let bench = try Bench(shape, nil)
        #expect(bench.product.keepsBits)
        let step = inputs > 1024 ? 3 : 1
        #expect(try bench.changingHeight(step: step) == nil)
    }

    @Test(arguments: widths, WorkClass.allCases)
    func bfloat16KeepsItsBits(inputs: Int, work: WorkClass) throws {
        let shape = ProductShape(inputs: inputs, outputs: 40, dtype: .bf16, work: work)
        let bench = try Bench(shape, nil)
        #expect(bench.product.keepsBits)
        let step = inputs > 384 ? 37 : 7
        #expect(try bench.changingHeight(step: step) == nil)
    }

    /// What a short look at a form finds is so at every height.
    @Test(arguments: [384, 3584], WorkClass.allCases)
    func shortLookIsEnough(inputs: Int, work: WorkClass) throws {
        let shape = ProductShape(inputs: inputs, outputs: 40, dtype: .f32, work: work)
        var kept = 0
        for form in ProductForm.candidates(for: shape) {
            guard try keepsBitsAtALook(shape, form) else { continue }
            kept += 1
            let changing = try Bench(shape, form).changingHeight(step: 2)
            #expect(changing == nil, "\(form)")
        }
        #expect(kept > 0)
    }

    private func keepsBitsAtALook(_ shape: ProductShape, _ form: ProductForm) throws -> Bool {
        do {
            let trial = try ProductTrial(compute: ComputeEngine(threads: 1), shape: shape, form: form, copies: 1)
            return try trial.keepsBits(heights: ProductTrial.tellingHeights)
        } catch {
            guard error.isUnimplemented else { throw error }
            return false
        }
    }

    /// However weights are held, the numbers that are multiplied are the same, and the sums in the same order.
    @Test(arguments: ProductForm.candidates(for: bfloat16).filter { $0.holding == .singles }, [96, 3000])
    func holdingsGiveTheSameBits(form: ProductForm, outputs: Int) throws {
        var shape = Self.bfloat16
        shape.outputs = outputs
        let singles = try Bench(shape, form)
        // Of the operations, a processor has at least one that keeps bits.
        guard singles.product.form == form else { return }
        let forms = ProductForms([ProductForms.Choice(shape: shape, form: form)]).inLessMemory([shape])
        let converted = try Bench(shape, forms[shape])
        #expect(converted.product.form.holding == .converted)
        #expect(try converted.run(0..<50) == singles.run(0..<50))
        // Layouts pad, and each block for itself.
        let share = Double(converted.weights.byteCount) / Double(singles.weights.byteCount)
        #expect((0.5..<0.55).contains(share), "\(share)")
    }

    /// Biases and a factor, through blocks of columns and of rows.
    @Test(arguments: [ProductForm.Holding.own, .converted, .singles], [nil, 12])
    func everyHoldingMultipliesTheSame(holding: ProductForm.Holding, blockRows: Int?) throws {
        for activation in [Activation.swiglu, .relu] {
            try expectReference(
                holding,
                blockRows,
                ExpertShape(hidden: 384, ffn: 1600, activation: activation, hasBiases: true)
            )
        }
    }

    private func expectReference(_ holding: ProductForm.Holding, _ blockRows: Int?, _ shape: ExpertShape) throws {
        let compute = try ComputeEngine(threads: 1)
        let parameters = SeededWeights(seed: 9).parameters(of: .routed(1), layer: 0, shape: shape)
        let products = shape.products(.bf16, .tens)
        let operation: ProductForm.Operation = blockRows == nil ? .convolution : .transposedMatmul
        let form = ProductForm(operation, blockRows: blockRows, holding: holding)
        let forms = ProductForms([products.up, products.down].map { ProductForms.Choice(shape: $0, form: form) })
        let kernel = try ExpertKernel(compute: compute, shape: shape, dtype: .bf16, work: .tens, forms: forms)
        var rows = Matrix(rows: 31, columns: 384)
        CounterRandom(seed: 4, purpose: .test).fill(&rows.values, bound: 1.7)
        let output = try run(kernel, kernel.pack(parameters), rows)
        let reference = ReferenceExpert(parameters, dtype: .bf16)
        for row in [0, 11, 12, 30] {
            let expected = reference(Array(rows.row(row)))
            let scale = expected.map(abs).max() ?? 0
            let error = zip(output.row(row), expected).map { abs($0 - $1) }.max() ?? .infinity
            #expect(error <= scale * 1e-2, "row \(row) of \(kernel.implementations)")
        }
    }

    /// A worker on another processor than the coordinator's takes what it has and keeps bits in.
    @Test func missingFormIsReplaced() throws {
        let shape = ProductShape(inputs: 64, outputs: 64, dtype: .bf16, work: .few)
        for form in ProductForm.candidates(for: shape) {
            let bench = try Bench(shape, form)
            #expect(bench.product.keepsBits)
        }
    }

    @Test func implementationNamesHeightAndHolding() throws {
        let shape = ProductShape(inputs: 64, outputs: 64, dtype: .bf16, work: .few)
        let form = ProductForm(.transposedMatmul, blockRows: 4, holding: .singles)
        #expect(try Bench(shape, form).product.implementation.hasSuffix("[4](BF16 as F32)"))
        let converted = ProductForm(.transposedMatmul, blockRows: 4, holding: .converted)
        #expect(try Bench(shape, converted).product.implementation.hasSuffix("[4](BF16 to F32)"))
    }
}
