internal import MoE
internal import Tensors

/// The product of rows with weights in a form: rows have the dtype of the product's shape, however weights are held and
/// multiplied.
///
/// Where a bfloat16 number is multiplied as a single, that is exact but for the order of sums.
final class RowProduct {
    let shape: ProductShape
    let form: ProductForm
    /// Type of results: F32, or that of the shape, rounded once from single precision.
    let outputType: DType

    private let arena: WeightArena
    private let scratch: ProductScratch
    /// The product of all columns, or one for each block of columns; all blocks but the last are alike.
    private let products: [MatrixProduct]
    /// The memory in which a block of columns is widened, or nil where weights are not converted.
    private let window: WeightArena.Piece?

    /// Create a product of the given shape.
    ///
    /// - Parameters:
    ///   - fused: the operations behind the sums.
    ///   - form: the form to compute the product in, where one was chosen; one that this processor lacks is replaced.
    ///   - scratch: for rows of the shape's inputs and outputs.
    init(
        compute: ComputeEngine,
        shape: ProductShape,
        outputType: DType,
        fused: Fused = Fused(),
        form: ProductForm?,
        scratch: ProductScratch
    ) throws(ComputeError) {
        self.shape = shape
        self.outputType = outputType
        self.scratch = scratch
        arena = compute.arena
        let form = try Self.available(form, shape, fused, compute)
        self.form = form
        products = try Self.products(form, shape, outputType, fused, compute)
        let bytes = products.map(\.packedByteCount).max() ?? 0
        window = form.holding == .converted ? scratch.window(byteCount: bytes) : nil
    }

    /// Whether a row has the same bits whatever rows stand beside it.
    var keepsBits: Bool { products.allSatisfy(\.keepsBits) }

    /// The name of oneDNN's implementation, then the number of rows if it is fixed, and the conversion of weights if
    /// there is one.
    var implementation: String {
        let names = Set(products.map(\.implementation)).sorted().joined(separator: "+")
        let height = form.blockRows.map { "[\($0)]" } ?? ""
        let holding =
            switch form.holding {
            case .own: ""
            case .converted: "(\(shape.dtype.rawValue) to F32)"
            case .singles: "(\(shape.dtype.rawValue) as F32)"
            }
        return names + height + holding
    }

    /// Make the primitives of small numbers of rows, so that none of them is made while time is measured.
    func prepare() throws(ComputeError) {
        for product in products { try product.prepare() }
    }

    /// Pack a row-major weight matrix `[outputs, inputs]` as the form of the product holds it.
    ///
    /// - Parameter bias: `[outputs]`, given exactly when the product has a bias.
    func pack(_ weights: [Float], bias: [Float]? = nil) throws(ComputeError) -> HeldWeights {
        guard weights.count == shape.inputs * shape.outputs else {
            throw ComputeError("\(weights.count) weights for a matrix of \(shape.outputs) x \(shape.inputs)")
        }
        guard let window else {
            let held = form.holding == .singles ? weights.map { BFloat16($0).float } : weights
            let storage = arena.take(products[0].packedByteCount)
            return HeldWeights(try products[0].pack(held, bias: bias, in: storage))
        }
        var blocks: [HeldWeights.Block] = []
        var first = 0
        for product in products {
            let columns = first..<first + product.outputs
            let values = weights[columns.lowerBound * shape.inputs..<columns.upperBound * shape.inputs]
            let packed = try product.pack(Array(values), bias: bias.map { Array($0[columns]) }, in: window)
            let count = product.packedByteCount / DType.f32.byteCount
            let storage = arena.take(count * shape.dtype.byteCount)
            unsafe BFloat16.round(
                window.start.assumingMemoryBound(to: Float.self),
                count: count,
                into: storage.start
            )
            blocks.append(HeldWeights.Block(storage: storage, count: count, window: packed))
            first = columns.upperBound
        }
        return HeldWeights(blocks)
    }

    /// Multiply `rows` rows of the input with held weights, and write the results to `output`.
    ///
    /// - Parameters:
    ///   - rows: number of rows, 1 to `RowBlock.most`.
    ///   - input: `rows * inputs` values of the shape's dtype.
    ///   - weights: the weights that ``pack(_:bias:)`` returned.
    ///   - factor: `rows * outputs` singles, read when a post-operation multiplies by a matrix.
    ///   - output: room for `rows * outputs` values of ``outputType``.
    @unsafe
    func run(
        rows: Int,
        input: UnsafeRawPointer,
        weights: HeldWeights,
        factor: UnsafeRawPointer? = nil,
        output: UnsafeMutableRawPointer
    ) throws(ComputeError) {
        guard form.holding != .own else {
            return unsafe try multiply(rows, input, weights, factor, output)
        }
        let widened = unsafe scratch.input.start
        unsafe BFloat16.widen(input, count: rows * shape.inputs, into: widened.assumingMemoryBound(to: Float.self))
        guard outputType != .f32 else {
            return unsafe try multiply(rows, UnsafeRawPointer(widened), weights, factor, output)
        }
        let sums = unsafe scratch.output.start
        unsafe try multiply(rows, UnsafeRawPointer(widened), weights, factor, sums)
        unsafe BFloat16.round(sums.assumingMemoryBound(to: Float.self), count: rows * shape.outputs, into: output)
    }

    /// Multiply rows that are already in the type in which the form multiplies.
    @unsafe
    private func multiply(
        _ rows: Int,
        _ input: UnsafeRawPointer,
        _ weights: HeldWeights,
        _ factor: UnsafeRawPointer?,
        _ output: UnsafeMutableRawPointer
    ) throws(ComputeError) {
        switch weights.form {
        case .packed(let packed):
            unsafe try products[0].run(rows: rows, input: input, weights: packed, factor: factor, output: output)
        case .blocks(let blocks):
            guard let window else { return }
            var first = 0
            for (product, block) in zip(products, blocks) {
                unsafe BFloat16.widen(
                    UnsafeRawPointer(block.storage.start),
                    count: block.count,
                    into: window.start.assumingMemoryBound(to: Float.self)
                )
                // Another kernel may have packed it, in a window of its own.
                unsafe try block.window.handle.point(at: window.start)
                let columns = first..<first + product.outputs
                if let factor = unsafe factor {
                    unsafe gather(columns, rows, from: factor, into: scratch.blockFactor.start)
                }
                unsafe try product.run(
                    rows: rows,
                    input: input,
                    weights: block.window,
                    factor: factor.map { _ in unsafe UnsafeRawPointer(scratch.blockFactor.start) },
                    output: scratch.blockOutput.start
                )
                unsafe scatter(columns, rows, from: UnsafeRawPointer(scratch.blockOutput.start), into: output)
                first = columns.upperBound
            }
        }
    }

    /// Copy a range of columns out of a matrix `[rows, outputs]` of singles into a dense block.
    @unsafe
    private func gather(
        _ columns: Range<Int>,
        _ rows: Int,
        from matrix: UnsafeRawPointer,
        into block: UnsafeMutableRawPointer
    ) {
        let (stride, width) = (shape.outputs * DType.f32.byteCount, columns.count * DType.f32.byteCount)
        for row in 0..<rows {
            let place = unsafe matrix + row * stride + columns.lowerBound * DType.f32.byteCount
            unsafe (block + row * width).copyMemory(from: place, byteCount: width)
        }
    }

    /// Copy a dense block to its range of columns in a matrix `[rows, outputs]` of singles.
    @unsafe
    private func scatter(
        _ columns: Range<Int>,
        _ rows: Int,
        from block: UnsafeRawPointer,
        into matrix: UnsafeMutableRawPointer
    ) {
        let (stride, width) = (shape.outputs * DType.f32.byteCount, columns.count * DType.f32.byteCount)
        for row in 0..<rows {
            let place = unsafe matrix + row * stride + columns.lowerBound * DType.f32.byteCount
            unsafe place.copyMemory(from: block + row * width, byteCount: width)
        }
    }
}

extension RowProduct {
    /// The operations on the sums of a product before they are stored: a bias and post-operations.
    struct Fused {
        var hasBias = false
        var postOperations: [PostOperation] = []
    }

    /// The form itself where this processor has it and keeps bits in it, else the standard form.
    private static func available(
        _ form: ProductForm?,
        _ shape: ProductShape,
        _ fused: Fused,
        _ compute: ComputeEngine
    ) throws(ComputeError) -> ProductForm {
        guard let form else { return try standardForm(shape, fused, compute) }
        do {
            if try keepsBits(form, shape, fused, compute) { return form }
        } catch {
            guard error.isUnimplemented else { throw error }
        }
        return try standardForm(shape, fused, compute, convertsWeights: form.holding == .converted)
    }

    /// The form of a product for which none was chosen by measurement: the first of any height that keeps bits, else
    /// the first that this processor has.
    ///
    /// - Parameter convertsWeights: true to convert weights for each product, where they are not multiplied in their
    ///   type, rather than to hold them as singles.
    static func standardForm(
        _ shape: ProductShape,
        _ fused: Fused,
        _ compute: ComputeEngine,
        convertsWeights: Bool = false
    ) throws(ComputeError) -> ProductForm {
        var found: ProductForm?
        var failure: ComputeError?
        for form in ProductForm.candidates(for: shape)
        where form.blockRows == nil && form.holding != (convertsWeights ? .singles : .converted) {
            do {
                if try keepsBits(form, shape, fused, compute) { return form }
                found = found ?? form
            } catch {
                guard error.isUnimplemented else { throw error }
                failure = failure ?? error
            }
        }
        guard let found else { throw failure ?? ComputeError("oneDNN has no product") }
        return found
    }

    /// Whether the processor has the form, tried for several numbers of rows, and gives a row the same bits whatever
    /// the rows beside it.
    private static func keepsBits(
        _ form: ProductForm,
        _ shape: ProductShape,
        _ fused: Fused,
        _ compute: ComputeEngine
    ) throws(ComputeError) -> Bool {
        let products = try products(form, shape, form.holding == .own ? shape.dtype : .f32, fused, compute)
        // All blocks of columns but the last are alike.
        for product in [products.first, products.last].compactMap(\.self) {
            try product.check(heights: ProductTrial.tellingHeights)
        }
        return products.allSatisfy(\.keepsBits)
    }

    /// Make the product of all columns, or one for each block of columns where weights are converted.
    private static func products(
        _ form: ProductForm,
        _ shape: ProductShape,
        _ outputType: DType,
        _ fused: Fused,
        _ compute: ComputeEngine
    ) throws(ComputeError) -> [MatrixProduct] {
        let isOwn = form.holding == .own
        func product(_ columns: Int) throws(ComputeError) -> MatrixProduct {
            try MatrixProduct(
                compute: compute,
                inputs: shape.inputs,
                outputs: columns,
                inputType: isOwn ? shape.dtype : .f32,
                outputType: isOwn ? outputType : .f32,
                hasBias: fused.hasBias,
                postOperations: fused.postOperations,
                operation: form.operation,
                blockRows: form.blockRows
            )
        }
        guard form.holding == .converted else { return [try product(shape.outputs)] }
        let columns = ProductScratch.blockColumns(inputs: shape.inputs)
        let (count, rest) = shape.outputs.quotientAndRemainder(dividingBy: columns)
        var products: [MatrixProduct] = []
        if count > 0 { products = [MatrixProduct](repeating: try product(columns), count: count) }
        if rest > 0 { products.append(try product(rest)) }
        return products
    }
}
