public import Tensors

/// The way in which rows are multiplied with weights: oneDNN operation, rows per block, and type of the weights.
public struct ProductForm: Codable, Hashable, Sendable {
    /// The oneDNN operation that computes a product.
    public enum Operation: String, CaseIterable, Codable, Sendable {
        /// oneDNN's `matmul` with weights packed into the layout that oneDNN prefers.
        case packedMatmul = "packed-matmul"
        /// A convolution with filters of one pixel over an image of one line: a row is a pixel.
        ///
        /// On processors without AVX-512, oneDNN 2.6 computes matmul with a general kernel that reads plain weights and
        /// gives a row other bits beside other rows. Its convolution packs the weights, and every pixel is summed in
        /// the same order.
        case convolution
        /// oneDNN's `matmul` with weights `[outputs, inputs]` as stored; only blocks of certain heights give a row the
        /// same bits at every place.
        case transposedMatmul = "transposed-matmul"
    }

    /// The type in which weights are held and multiplied.
    public enum Holding: String, CaseIterable, Codable, Sendable {
        /// Weights are held and multiplied in their own type.
        case own
        /// Weights are held in their own type, and converted into singles for each product, a block of columns at a
        /// time.
        case converted
        /// Weights are held and multiplied as singles.
        case singles
    }

    /// The oneDNN operation that computes the product.
    public var operation: Operation
    /// Fixed number of rows of every product, an expert's last one padded; nil where any number of rows gives a row the
    /// same bits.
    public var blockRows: Int?
    /// The type in which weights are held and multiplied.
    public var holding: Holding

    /// Create a form, by default for any number of rows and with weights in their own type.
    public init(_ operation: Operation, blockRows: Int? = nil, holding: Holding = .own) {
        self.operation = operation
        self.blockRows = blockRows
        self.holding = holding
    }

    /// Bytes of one weight of `dtype` as it is held.
    public func weightByteCount(_ dtype: DType) -> Int {
        (holding == .singles ? DType.f32 : dtype).byteCount
    }

    /// Forms of products of `shape`, the one to be preferred first.
    ///
    /// Heights are those at which oneDNN's transposed matmul gave every position the same bits on AVX2.
    public static func candidates(for shape: ProductShape) -> [ProductForm] {
        let heights =
            switch shape.work {
            case .few: [4, 12]
            case .tens: [12, 48]
            case .hundreds: [48, 120, 240]
            }
        let holdings: [Holding] = shape.dtype == .f32 ? [.own] : [.own, .converted, .singles]
        return holdings.flatMap { holding in
            [ProductForm(.packedMatmul, holding: holding), ProductForm(.convolution, holding: holding)]
                + heights.map { ProductForm(.transposedMatmul, blockRows: $0, holding: holding) }
        }
    }
}

/// The kind of a matrix product, by which a form is chosen for it: widths, dtype and class of the number of rows.
public struct ProductShape: Codable, Hashable, Sendable {
    /// Width of a row.
    public var inputs: Int
    /// Width of a result.
    public var outputs: Int
    /// Type of rows and weights: F32 or BF16.
    public var dtype: DType
    /// The class of the number of rows: few, tens or hundreds.
    public var work: WorkClass

    /// The shape of `[rows, inputs] x [inputs, outputs]`.
    public init(inputs: Int, outputs: Int, dtype: DType, work: WorkClass) {
        self.inputs = inputs
        self.outputs = outputs
        self.dtype = dtype
        self.work = work
    }
}

/// The forms that were chosen for matrix products, at most one for each product shape.
public struct ProductForms: Codable, Equatable, Sendable {
    /// The form that was chosen for products of one shape.
    public struct Choice: Codable, Equatable, Sendable {
        /// The product shape that the form was chosen for.
        public var shape: ProductShape
        /// The form of products of the shape.
        public var form: ProductForm

        /// Create the choice of a form for a product shape.
        public init(shape: ProductShape, form: ProductForm) {
            self.shape = shape
            self.form = form
        }
    }

    /// The choices of forms, at most one for each product shape.
    public private(set) var choices: [Choice]

    /// Forms of some shapes; the first choice of a shape counts.
    public init(_ choices: [Choice] = []) {
        self.choices = []
        for choice in choices where self[choice.shape] == nil { self.choices.append(choice) }
    }

    /// The form chosen for a product shape, or nil where none was: a process then takes the first form that gives a row
    /// the same bits beside any other rows.
    public subscript(shape: ProductShape) -> ProductForm? {
        choices.first { $0.shape == shape }?.form
    }

    /// The forms of any height: those in which a row has the same bits whatever the rows beside it.
    public var ofAnyHeight: ProductForms { ProductForms(choices.filter { $0.form.blockRows == nil }) }

    /// The forms with weights in their own type, for a machine that lacks the memory for singles.
    ///
    /// - Parameter shapes: the shapes that are wanted; one without a choice gets a form of any height, converted.
    public func inLessMemory(_ shapes: [ProductShape]) -> ProductForms {
        let known = choices.map { choice in
            var choice = choice
            if choice.form.holding == .singles { choice.form.holding = .converted }
            return choice
        }
        let others = shapes.filter { $0.dtype != .f32 }.map { shape in
            Choice(shape: shape, form: ProductForm(.convolution, holding: .converted))
        }
        return ProductForms(known + others)
    }
}

extension ExpertShape {
    /// The shapes of the products of a gate or up projection, and of the down projection.
    public func products(_ dtype: DType, _ work: WorkClass) -> (up: ProductShape, down: ProductShape) {
        (
            ProductShape(inputs: hidden, outputs: ffn, dtype: dtype, work: work),
            ProductShape(inputs: ffn, outputs: hidden, dtype: dtype, work: work)
        )
    }
}

/// The kernel form that was chosen for one matrix product, with its measured speed.
public struct MeasuredForm: Codable, Equatable, Sendable {
    /// The shape of the matrix product, with the kernel form that was chosen for it.
    public var product: ProductForms.Choice
    /// The name that oneDNN gives to the implementation.
    public var kernel: String
    /// The measured speed in GFLOP/s, at the number of rows that is typical of the product's work.
    public var gigaflops: Double

    /// Create a form.
    public init(_ product: ProductForms.Choice, kernel: String, gigaflops: Double) {
        self.product = product
        self.kernel = kernel
        self.gigaflops = gigaflops
    }
}

/// The kind of machine that a measured form holds for.
public struct MachineKind: Codable, Equatable, Sendable {
    /// The name of the processor.
    public var processor: String
    /// The widest instruction set that oneDNN uses on the processor.
    public var instructionSet: String
    /// The version of oneDNN.
    public var oneDNN: String

    /// Create a kind of machine.
    public init(processor: String, instructionSet: String, oneDNN: String) {
        self.processor = processor
        self.instructionSet = instructionSet
        self.oneDNN = oneDNN
    }
}
