public import Tensors

/// The sum of a layer's outputs: for each token its terms in their order, then its own input times the weight of its
/// copies for identity experts, then the experts that the coordinator computed itself, then the output bias; all of it
/// times the output scale, added to the residual stream.
///
/// Without `presums` the order is the router's and not that of arrival or placement, so the sum has the same bits for
/// any number of workers and any order of arrival.
public struct Combiner {
    private let hidden: Int
    private let rowBytes: Int
    /// The bias that is added to the sum, `[hidden]`, or nil.
    private let outputBias: [Float]?
    /// The factor on the sum.
    private let outputScale: Float
    /// The number of terms at the end of each token's list that belong to common experts; their outputs are also kept
    /// separately when any output is kept.
    private let commonTerms: Int

    private var sum: RowSum
    private var row: [Float]

    /// A combiner for the layers of one run.
    ///
    /// - Parameters:
    ///   - hidden: values per row.
    ///   - outputBias: `[hidden]`, added to the sum, or nil.
    ///   - outputScale: the factor on the sum.
    ///   - commonTerms: trailing terms of each token whose sums are kept apart, when any output is kept.
    public init(hidden: Int, form: RowForm, outputBias: [Float]?, outputScale: Float, commonTerms: Int) {
        self.hidden = hidden
        rowBytes = RowEncoding.byteCount(columns: hidden, as: form.combine)
        self.outputBias = outputBias
        self.outputScale = outputScale
        self.commonTerms = commonTerms
        sum = RowSum(columns: hidden, dtype: form.combine)
        row = [Float](repeating: 0, count: hidden)
    }

    /// Sum the outputs of each token of one chunk, and add the sums to the residual stream.
    ///
    /// - Parameters:
    ///   - outputs: the address of the first row of each rank, in the order of the chunk's ranks; the bytes must stay
    ///     until the return.
    ///   - input: the layer's input, `[at least tokens, hidden]`; nil when it is the residual stream.
    ///   - stream: the residual stream of the micro-batch, which the finished sums are added to.
    ///   - kept: the layer's outputs, filled in when not nil, to be checked or saved.
    ///   - finishes: false while the coordinator's own experts are still to be added; the sums then go to `kept` alone.
    @unsafe
    public mutating func combine(
        _ chunk: DispatchChunk,
        outputs: [UnsafeRawPointer?],
        input: Matrix?,
        stream: inout Matrix,
        kept: inout CombinedLayer?,
        finishes: Bool
    ) {
        var starts: [UnsafeRawPointer?] = unsafe Array(repeating: nil, count: 1 + (chunk.ranks.last?.rank ?? 0))
        for (index, rank) in chunk.ranks.enumerated() { unsafe starts[rank.rank] = outputs[index] }
        for (index, token) in chunk.tokens.enumerated() {
            let terms = chunk.terms(ofToken: index)
            unsafe sumTerms(chunk, terms, starts)
            if !chunk.identityWeights.isEmpty {
                let weight = chunk.identityWeights[index]
                if let input { add(weight, input, row: token) } else { add(weight, stream, row: token) }
            }
            if finishes { finish() }
            kept?.output.replace(row: token, with: row)
            if finishes { stream.add(row, toRow: token) }
            guard kept != nil, commonTerms > 0 else { continue }
            for part in 0..<commonTerms {
                let term = terms.upperBound - commonTerms + part
                unsafe sumTerms(chunk, term..<term + 1, starts)
                kept?.common[part].replace(row: token, with: row)
            }
        }
    }

    /// Add the outputs of the coordinator's own experts to the sums of all tokens, and finish the sums with output bias
    /// and scale.
    ///
    /// - Parameter parts: weighted outputs, `[tokens, hidden]` each.
    public mutating func finish(adding parts: [Matrix], stream: inout Matrix, kept: inout CombinedLayer) {
        for part in parts { kept.output.add(part) }
        for token in 0..<kept.output.rows {
            row.replaceSubrange(0..<hidden, with: kept.output.row(token))
            finish()
            kept.output.replace(row: token, with: row)
            stream.add(row, toRow: token)
        }
        kept.common = parts
    }

    @unsafe
    private mutating func sumTerms(_ chunk: DispatchChunk, _ terms: Range<Int>, _ starts: [UnsafeRawPointer?]) {
        sum.removeAll()
        for index in terms {
            let term = chunk.terms[index]
            guard let start = unsafe starts[Int(term.rank)] else { continue }
            unsafe sum.add(term.weight, start + Int(term.row) * rowBytes)
        }
        unsafe row.withUnsafeMutableBufferPointer { target in
            if let start = target.baseAddress { unsafe sum.write(to: start) }
        }
    }

    private mutating func add(_ weight: Float, _ input: borrowing Matrix, row token: Int) {
        guard weight != 0 else { return }
        let start = token * hidden
        for column in 0..<hidden { row[column] += weight * input.values[start + column] }
    }

    private mutating func finish() {
        if let outputBias {
            for column in 0..<hidden { row[column] += outputBias[column] }
        }
        if outputScale != 1 {
            for column in 0..<hidden { row[column] *= outputScale }
        }
    }
}

/// The output of a layer before the residual connection, kept to be checked or saved.
public struct CombinedLayer: Sendable {
    /// The whole output, `[tokens, hidden]`.
    public var output: Matrix
    /// The part of each common expert, weighted but not scaled, `[tokens, hidden]`; none where the
    /// workers summed it with the rest.
    public var common: [Matrix]

    /// The outputs of a layer: the whole output, and the part of each common expert.
    public init(output: Matrix, common: [Matrix]) {
        self.output = output
        self.common = common
    }
}
