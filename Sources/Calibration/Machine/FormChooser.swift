internal import Cluster
public import Experts
public import MoE
internal import Runtime
internal import Tensors

/// The choice of a kernel form for each matrix product on this machine, by timing the candidates.
public struct FormChooser {
    /// The timing of one candidate form.
    struct Trial {
        let form: ProductForm
        /// The shortest time of the candidate's runs, in seconds.
        let seconds: Double
    }

    /// The share of a preferred form's time below which a faster form displaces it: a smaller gain may be noise, and
    /// machines of the same kind should choose the same form.
    static let advantage = 0.88

    /// The limit on the time spent on one product shape, in seconds.
    private static let limit = 2.0
    /// The limits on the time spent on one candidate form, in seconds, and on the number of its measured runs.
    private static let candidateLimit = 0.08
    private static let runs = 7
    /// The smallest and the largest number of columns of the slice of a product that is measured; its rows keep their
    /// width.
    private static let columns = 64...512
    /// The limit on the weights of a slice, in bytes of single precision, and the widest row of a product that is
    /// measured at all.
    private static let sliceBytes = 32 << 20
    private static let widest = 1 << 17
    /// The bytes of weights that a measurement goes through in turn: more than the second-level cache holds.
    private static let weightBytes = 8 << 20

    private let compute: ComputeEngine

    /// Create a chooser.
    ///
    /// - Throws: `ComputeError` when oneDNN cannot be opened.
    public init() throws(ComputeError) {
        compute = try ComputeEngine(threads: 1)
    }

    /// Choose the kernel form of a product: the first in the order of preference that is about as fast as any and gives
    /// a row the same bits whatever rows stand beside it.
    ///
    /// - Returns: nil where no candidate keeps bits, or a row is too wide to be tried in the time.
    /// - Throws: `ComputeError` when oneDNN fails for another reason than a missing implementation.
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

    /// The first trial, in the order of preference, that no other one beats by more than noise.
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

    /// Return the result of `body`, or nil where the processor does not support the candidate form.
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

    /// The shortest time of some runs in seconds, or that of the first run alone where another form is much faster.
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

extension MachineKind {
    /// The kind of this machine.
    public static var here: MachineKind {
        MachineKind(
            processor: Host.processorKind,
            instructionSet: ComputeLibrary.instructionSet,
            oneDNN: ComputeLibrary.version
        )
    }
}
