import Basics
import Tensors

/// The words of a text, with embeddings from the seed: step s takes tokens s·T..<(s + 1)·T, round and round.
///
/// The text is a loop: what comes before its first token is its end. So a token's hidden state is a function of its
/// place in the text, whatever the step.
public struct TextWorkload: Workload {
    private let file: String
    private let tokens: [UInt64]
    private let rows: CyclicRows
    private let labels: TokenLabels
    private let embedding: TokenEmbedding
    private let mixer = ContextMixer()

    /// Read a text file.
    ///
    /// The vocabulary is that of the text: ids count its different words in the order of their first occurrence.
    ///
    /// - Parameters:
    ///   - path: a UTF-8 file.
    ///   - seed: the seed of the embeddings.
    ///   - tokensPerStep: tokens of one step, T; at least 1.
    ///   - hidden: width of the model's tokens, H.
    ///   - sequenceTokens: cuts each step into sequences of so many tokens, the last one the rest; at least 1. Nil for
    ///     one sequence.
    /// - Throws: ``WorkloadError`` for a file that cannot be read, is not UTF-8 or holds only white space.
    public init(
        path: String,
        seed: UInt64,
        tokensPerStep: Int,
        hidden: Int,
        sequenceTokens: Int? = nil
    ) throws(WorkloadError) {
        let text: [UInt8]
        do {
            let file = try MappedFile(path: path)
            text = Array(file.bytes(in: 0..<file.byteCount).withoutByteOrderMark)
        } catch {
            throw WorkloadError(error)
        }
        try self.init(
            text: text,
            file: path,
            seed: seed,
            tokensPerStep: tokensPerStep,
            hidden: hidden,
            sequenceTokens: sequenceTokens
        )
    }

    /// Create a workload from the bytes of a text that has been read.
    ///
    /// - Parameters:
    ///   - text: UTF-8.
    ///   - file: the name of the text in errors and reports.
    ///   - seed: the seed of the embeddings.
    ///   - tokensPerStep: tokens of one step, T; at least 1.
    ///   - hidden: width of the model's tokens, H.
    ///   - sequenceTokens: as for a file.
    /// - Throws: ``WorkloadError`` for a text that is not UTF-8 or holds only white space.
    public init(
        text: [UInt8],
        file: String,
        seed: UInt64,
        tokensPerStep: Int,
        hidden: Int,
        sequenceTokens: Int? = nil
    ) throws(WorkloadError) {
        self.file = file
        tokens = try Self.tokens(of: text, file: file)
        guard !tokens.isEmpty else { throw WorkloadError(file: file, message: "holds no words; a text is needed") }
        rows = CyclicRows(count: tokens.count, perStep: tokensPerStep)
        embedding = TokenEmbedding(seed: seed, hidden: hidden)
        labels = TokenLabels(ids: Self.ids(of: tokens), sequenceTokens: sequenceTokens)
    }

    /// The summary of the workload for reports.
    public var summary: WorkloadSummary {
        WorkloadSummary(
            kind: .text,
            source: Folder.name(of: file),
            distinctTokens: rows.count,
            tokensPerStep: rows.perStep
        )
    }

    /// The number of occurrences of each word in the text, `[vocabulary]`.
    public var tokenFrequencies: [Double]? { labels.frequencies }

    /// The tokens of one step.
    public func batch(step: Int) throws(WorkloadError) -> WorkloadBatch {
        let start = rows.row(at: step * rows.perStep)
        var past = (1...ContextMixer.window).map { embedding(at: start - $0) }
        var values: [Float] = []
        values.reserveCapacity(rows.perStep * embedding.hidden)
        for position in start..<start + rows.perStep {
            let own = embedding(at: position)
            values += mixer.mix(own, past: past)
            past.removeLast()
            past.insert(own, at: 0)
        }
        let hidden = Matrix(rows: rows.perStep, columns: embedding.hidden, values: values)
        var batch = WorkloadBatch(hidden: hidden, gate: .model)
        labels.label(&batch, rows: rows, step: step)
        return batch
    }

    private func embedding(at position: Int) -> [Float] {
        embedding.values(of: tokens[rows.row(at: position)])
    }

    /// Number the different tokens in the order of their first occurrence.
    private static func ids(of tokens: [UInt64]) -> [Int32] {
        var vocabulary: [UInt64: Int32] = [:]
        return tokens.map { token in
            if let id = vocabulary[token] { return id }
            let id = Int32(vocabulary.count)
            vocabulary[token] = id
            return id
        }
    }

    private static func tokens(of text: [UInt8], file: String) throws(WorkloadError) -> [UInt64] {
        if let fault = TextEncoding.fault(text) { throw WorkloadError(file: file, message: fault) }
        var tokenizer = TextTokenizer()
        do {
            var scalars = try UTF8Span(validating: text.span).makeUnicodeScalarIterator()
            while let scalar = scalars.next() { tokenizer.append(scalar) }
        } catch {
            let place = "byte \(error.byteOffsets.lowerBound)"
            throw WorkloadError(file: file, message: "is not UTF-8 at \(place); a UTF-8 text is needed")
        }
        tokenizer.close()
        return tokenizer.tokens
    }
}

/// The embedding table of a text workload, made from the seed instead of trained.
struct TokenEmbedding: Sendable {
    let seed: UInt64
    /// Width of a token, H.
    let hidden: Int

    /// The embedding of a token: uniform with variance 1, a function of (seed, token) only.
    ///
    /// A stream takes 56 bits, so the hash is folded onto its low 56 bits, as its authors advise for odd widths.
    func values(of token: UInt64) -> [Float] {
        let folded = token ^ (token >> 56)
        let stream = CounterRandom(
            seed: seed,
            purpose: .tokenEmbedding,
            Int(folded & 0xFFFF_FFFF),
            Int(folded >> 32 & 0xFFFF),
            Int(folded >> 48 & 0xFF)
        )
        var values = [Float](repeating: 0, count: hidden)
        stream.fill(&values, bound: SeededHiddenStates.bound)
        return values
    }
}

/// The mixer of a token's embedding with those of the tokens before it, by which equal tokens in different places
/// differ.
///
/// The context is the sum of the last 16 embeddings with weights that fall by a quarter from token to token, scaled so
/// that a token of independent embeddings keeps variance 1. A quarter of the variance is context: two places of one
/// word stay as similar as 0.75.
struct ContextMixer: Sendable {
    /// The number of tokens before a token that are its context.
    static let window = 16
    /// The factor on the weight of a token for each step further back.
    static let decay: Float = 0.75
    /// The share of the variance that comes from the context.
    static let contextVariance: Float = 0.25

    /// The weight of the token's own embedding in its hidden state.
    private let ownWeight: Float
    /// The weights of the embeddings of the tokens 1, 2, ... places back.
    private let pastWeights: [Float]

    init() {
        let powers = (1..<Self.window).reduce(into: [Float(1)]) { powers, index in
            powers.append(powers[index - 1] * Self.decay)
        }
        let norm = powers.reduce(0) { $0 + $1 * $1 }
        let scale = (Self.contextVariance / norm).squareRoot()
        pastWeights = powers.map { $0 * scale }
        ownWeight = (1 - Self.contextVariance).squareRoot()
    }

    /// The hidden state of a token.
    ///
    /// - Parameters:
    ///   - own: its embedding, `[hidden]`.
    ///   - past: the embeddings of the `window` tokens before it, the nearest first.
    func mix(_ own: [Float], past: [[Float]]) -> [Float] {
        var values = own.map { $0 * ownWeight }
        for (weight, embedding) in zip(pastWeights, past) {
            for index in values.indices { values[index] += weight * embedding[index] }
        }
        return values
    }
}
