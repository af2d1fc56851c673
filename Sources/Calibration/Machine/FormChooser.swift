internal import Cluster
public import Experts
public import MoE
internal import Runtime
internal import Tensors

/// Chooses how products are computed here, by trying the candidates.
public struct FormChooser {
    /// One candidate that was tried.
    struct Trial {
        let form: ProductForm
        /// The shortest time.
        let seconds: Double
    }

    /// A form is taken for being the first that keeps bits as long as no other takes less than this part of its time:
    /// that much may be noise, and a machine of the same kind should choose the same.
    static let advantage = 0.88

    /// Seconds for one shape.
    private static let limit = 2.0
    /// Seconds for one candidate, and runs.
    private static let candidateLimit = 0.08
    private static let runs = 7
    /// Columns of the slice that is measured; rows keep their width.
    private static let columns = 64...512
    /// Bytes of the slice's weights as singles, and the widest row: what is wider is not measured.
    private static let sliceBytes = 32 << 20
    private static let widest = 1 << 17
    /// Bytes of weights that are used in turn: more than the second-level cache holds.
    private static let weightBytes = 8 << 20

    private let compute: ComputeEngine

    /// - Throws: when oneDNN cannot be opened.
    public init() throws(ComputeError) {
        compute = try ComputeEngine(threads: 1)
    }

    /// The form for a product: the first in the order of preference that keeps bits and is about as fast as any.
    ///
    /// - Returns: nil where no candidate keeps bits, or a row is too wide to be tried in the time.
    /// - Throws: `ComputeError` when oneDNN fails for another reason than that it has no such product.
    public func choose(_ shape: ProductShape) throws(ComputeError) -> MeasuredForm? {
        let deadline = MonotonicClock.now() + Nanoseconds(seconds: Self.limit)
        guard shape.inputs <= Self.widest else { return nil }
        var slice = shape
        let columns = Self.sliceBytes / (shape.inputs * DType.f32.byteCount)
        slice.outputs = min(shape.outputs, max(Self.columns.lowerBound, min(columns, Self.columns.upperBound)))
        var trials: [Trial] = []
        for form in ProductForm.candidates(for: shape) where trials.isEmpty || MonotonicClock.now() < deadline {
            let best = trials.map(\.seconds).min() ?? .infinity
            let seconds = try available { () throws(ComputeError) in
                let product = try product(slice, form, copies: copies(slice))
                return try self.seconds(product, rows: shape.work.typicalRows, best: best)
            }
            guard let seconds else { continue }
            trials.append(Trial(form: form, seconds: seconds))
        }
        while let chosen = Self.preferred(trials) {
            let kernel = try available { () throws(ComputeError) -> String? in
                let product = try product(slice, chosen.form, copies: 1)
                return try product.keepsBits(heights: ProductTrial.tellingHeights) ? product.implementation : nil
            }
            if let kernel = kernel ?? nil {
                let operations = 2.0 * Double(shape.work.typicalRows * slice.inputs * slice.outputs)
                let flops = operations * Double(copies(slice)) / chosen.seconds
                return MeasuredForm(
                    ProductForms.Choice(shape: shape, form: chosen.form),
                    kernel: kernel,
                    gigaflops: (flops / 1e8).rounded() / 10
                )
            }
            trials.removeAll { $0.form == chosen.form }
        }
        return nil
    }

    /// The first that no other beats by more than noise.
    static func preferred(_ trials: [Trial]) -> Trial? {
        let best = trials.map(\.seconds).min() ?? 0
        return trials.first { best >= advantage * $0.seconds }
    }

    private func product(
        _ shape: ProductShape,
        _ form: ProductForm,
        copies: Int
    ) throws(ComputeError) -> ProductTrial {
        try ProductTrial(compute: compute, shape: shape, form: form, copies: copies)
    }

    /// What a candidate gives, or nil where the processor lacks it.
    private func available<Value>(_ body: () throws(ComputeError) -> Value) throws(ComputeError) -> Value? {
        do {
            return try body()
        } catch {
            guard error.isUnimplemented else { throw error }
            return nil
        }
    }

    private func copies(_ shape: ProductShape) -> Int {
        let bytes = shape.inputs * shape.outputs * shape.dtype.byteCount
        return max(1, min(16, Self.weightBytes / max(1, bytes)))
    }

    /// The shortest time of some runs, or of the first alone where another form is much faster.
    private func seconds(_ trial: ProductTrial, rows: Int, best: Double) throws(ComputeError) -> Double {
        let started = MonotonicClock.ofThread()
        var shortest = Double.infinity
        // The first run makes what later ones find.
        for run in 0...Self.runs {
            let before = MonotonicClock.ofThread()
            try trial.run(rows: rows)
            let after = MonotonicClock.ofThread()
            if run > 0 { shortest = min(shortest, (after - before).seconds) }
            let isSlow = shortest > 3 * best
            if run > 0, isSlow || (after - started).seconds > Self.candidateLimit { break }
        }
        return shortest
    }
}

/// The form of one product, and what was measured of it.
public struct MeasuredForm: Codable, Equatable, Sendable {
    /// The product and its form.
    public var product: ProductForms.Choice
    /// What oneDNN calls its implementation.
    public var kernel: String
    /// Floating-point operations a second, in 10^9, at the typical rows of the shape's work.
    public var gigaflops: Double

    /// A form.
    public init(_ product: ProductForms.Choice, kernel: String, gigaflops: Double) {
        self.product = product
        self.kernel = kernel
        self.gigaflops = gigaflops
    }
}

/// The kind of machine that a measured form holds for.
public struct MachineKind: Codable, Equatable, Sendable {
    /// The processor's name.
    public var processor: String
    /// The widest instruction set that oneDNN uses on it.
    public var instructionSet: String
    /// Version of oneDNN.
    public var oneDNN: String

    /// A kind of machine.
    public init(processor: String, instructionSet: String, oneDNN: String) {
        self.processor = processor
        self.instructionSet = instructionSet
        self.oneDNN = oneDNN
    }

    /// This machine's.
    public static var here: MachineKind {
        MachineKind(
            processor: Host.processorKind,
            instructionSet: ComputeLibrary.instructionSet,
            oneDNN: ComputeLibrary.version
        )
    }
}
