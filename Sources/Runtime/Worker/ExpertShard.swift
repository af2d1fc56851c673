import Basics
internal import Cluster
internal import Experts
internal import MoE
internal import Tensors

/// The experts that a process hosts: packed weights of every layer, and the kernels that run them.
///
/// The shard lives on the thread that computes.
final class ExpertShard {
    /// One expert of a layer.
    enum Slot {
        /// An expert without weights, which returns its input.
        case returnsInput
        case products(ExpertKernel, PackedExpert)

        var byteCount: Int {
            if case .products(_, let weights) = self { return weights.byteCount }
            return 0
        }
    }

    private(set) var weights: Assignment.Weights
    /// The number type that the experts write: F32 or BF16.
    let outputType: DType

    private var slots: [[Slot]]
    private var kernels: ExpertKernels

    /// Make or read the weights, and pack them; one expert at a time is held in singles.
    ///
    /// - Throws: `CheckpointError` or `ComputeError`.
    init(_ weights: Assignment.Weights, outputType: DType = .f32) throws {
        self.weights = weights
        self.outputType = outputType
        let source = try weights.source.open(model: weights.model)
        var kernels = try ExpertKernels(
            compute: ComputeEngine(threads: weights.threads),
            dtype: weights.dtype,
            outputType: outputType,
            forms: weights.products.forms(on: Host.productProcessor, threads: weights.threads)
        )
        slots = try weights.experts.enumerated().map { layer, experts in
            let plan = weights.products
            let held =
                experts.map { (ExpertIdentity.routed($0), plan.routed) }
                + weights.commonExperts.map { ($0.identity, plan.everyToken) }
            return try held.map { expert, work in
                let parameters = try source.expertParameters(of: expert, layer: layer)
                guard !parameters.shape.returnsInput else { return .returnsInput }
                let kernel = try kernels.kernel(parameters.shape, work)
                return .products(kernel, try kernel.pack(parameters))
            }
        }
        try kernels.prepare()
        self.kernels = kernels
    }

    /// Whether the shard holds the experts of an assignment, packed in the forms that the assignment asks for.
    func holds(_ wanted: Assignment.Weights) -> Bool {
        var same = wanted
        same.products = weights.products
        return same == weights
            && weights.products.holdsWeights(as: wanted.products, of: wanted.model, dtype: wanted.dtype)
    }

    /// Let a layer have other routed experts; those that it held already stay as they are.
    ///
    /// - Parameters:
    ///   - experts: the experts of all slots.
    ///   - arrived: the packed weights of those that the layer did not hold, by expert; nil where one has no weights.
    func replace(layer: Int, experts: [Int], arrived: [Int: PackedExpert?]) throws(ComputeError) {
        let held = weights.experts[layer]
        let kernel =
            weights.model.expert.returnsInput
            ? nil : try kernels.kernel(weights.model.expert, weights.products.routed)
        var routed: [Slot] = []
        for expert in experts {
            if let place = held.firstIndex(of: expert) {
                routed.append(slots[layer][place])
            } else if let kernel, let packed = arrived[expert] ?? nil {
                routed.append(.products(kernel, packed))
            } else if kernel == nil {
                routed.append(.returnsInput)
            } else {
                throw ComputeError("expert \(expert) of layer \(layer) was not loaded")
            }
        }
        slots[layer].replaceSubrange(held.indices, with: routed)
        weights.experts[layer] = experts
    }

    /// Bytes of packed weights.
    var byteCount: Int { slots.joined().reduce(0) { $0 + $1.byteCount } }

    /// The names that oneDNN gives to the product implementations that run.
    var implementations: [String] { kernels.implementations }

    /// The expert in a slot of a layer; routed experts come first.
    func expert(layer: Int, slot: Int) -> Slot { slots[layer][slot] }
}

extension ExpertShard {
    /// Run consecutive rows of a matrix through one expert.
    ///
    /// - Parameters:
    ///   - layer: the number of the layer in the run.
    ///   - slot: the expert's slot in the layer.
    ///   - rows: the matrix, `[rows, hidden]`.
    ///   - first: the first row to run.
    ///   - count: the number of rows to run.
    /// - Returns: the outputs, `[count, hidden]`.
    func outputs(
        layer: Int,
        slot: Int,
        rows: Matrix,
        from first: Int,
        count: Int
    ) throws(ComputeError) -> Matrix {
        guard case .products(let kernel, let packed) = expert(layer: layer, slot: slot) else {
            return rows.slice(rows: first..<first + count)
        }
        let input = AlignedBuffer(byteCount: count * rows.columns * weights.dtype.byteCount)
        let start = first * rows.columns
        unsafe rows.values.withUnsafeBufferPointer { values in
            unsafe input.withUnsafeMutableBytes { target in
                let taken = unsafe UnsafeBufferPointer(rebasing: values[start..<start + count * rows.columns])
                unsafe RowEncoding.encode(taken, as: weights.dtype, into: target)
            }
        }
        var output = Matrix(rows: count, columns: rows.columns)
        try unsafe input.withUnsafeBytes { (source) throws(ComputeError) in
            try unsafe output.values.withUnsafeMutableBufferPointer { (target) throws(ComputeError) in
                guard let from = source.baseAddress, let to = target.baseAddress, count > 0 else { return }
                unsafe try kernel.run(packed, rows: count, input: from, output: to)
            }
        }
        return output
    }
}

/// The kernels of a process, one per shape and work class of experts.
struct ExpertKernels {
    private let compute: ComputeEngine
    private let dtype: DType
    private let outputType: DType
    private let forms: ProductForms
    private var kernels: [ExpertKernel] = []

    init(compute: ComputeEngine, dtype: DType, outputType: DType, forms: ProductForms) {
        self.compute = compute
        self.dtype = dtype
        self.outputType = outputType
        self.forms = forms
    }

    /// The names that oneDNN gives to the product implementations that run.
    var implementations: [String] { Array(Set(kernels.flatMap(\.implementations))).sorted() }

    /// Prepare the kernels for small numbers of rows. Called once the weights are in place, when the memory that
    /// loading took is free again.
    func prepare() throws(ComputeError) {
        for kernel in kernels { try kernel.prepare() }
    }

    /// The kernel for experts of a shape and work class, made at first use.
    mutating func kernel(_ shape: ExpertShape, _ work: WorkClass) throws(ComputeError) -> ExpertKernel {
        if let known = kernels.first(where: { $0.shape == shape && $0.work == work }) { return known }
        let kernel = try ExpertKernel(
            compute: compute,
            shape: shape,
            dtype: dtype,
            outputType: outputType,
            work: work,
            forms: forms
        )
        kernels.append(kernel)
        return kernel
    }
}

extension RowForm {
    /// The number type that experts write: that of combine, or F32 where outputs are still to be weighted or the
    /// products are in F32, from which oneDNN writes no other type.
    func outputType(computeType: DType) -> DType {
        carriesWeights || computeType == .f32 ? .f32 : combine
    }
}

/// The memory that a worker will need for its experts.
struct ShardMemory {
    /// Bytes of all packed weights, of the largest expert in singles while it is packed, and of the inner activations.
    let byteCount: Int

    /// The memory that the weights of one assignment need.
    ///
    /// - Throws: `ComputeError` when this processor has no products.
    init(_ weights: Assignment.Weights) throws(ComputeError) {
        let model = weights.model
        let held = try HeldBytes(
            model,
            dtype: weights.dtype,
            plan: weights.products,
            compute: ComputeEngine(threads: weights.threads)
        )
        let routed = Double(weights.experts.reduce(0) { $0 + $1.count })
        let common = weights.holdsCommonExperts ? Double(model.layers) * held.commonExperts : 0
        let packed = routed * held.routedExpert + common
        // Doubles, because widths that an assignment allows make products beyond the range of integers.
        let largest =
            (weights.commonExperts.map(\.shape) + [model.expert]).map { Double($0.parameterCount) }.max() ?? 0
        let shapes = weights.commonExperts.map(\.shape) + (routed > 0 ? [model.expert] : [])
        let scratch = shapes.reduce(0) { $0 + Double(ExpertKernel.scratchByteCount($1)) }
        byteCount = Int(min(packed + largest * Double(DType.f32.byteCount) + scratch, 0x1p62))
    }

    func check(available: Int?) throws(RuntimeError) {
        guard let available, byteCount > available else { return }
        let gibibytes = DisplayUnit.gibibytes(decimals: 1)
        throw .local(
            "they need \(gibibytes.full(Double(byteCount))); \(gibibytes.full(Double(available))) are free there"
        )
    }
}
