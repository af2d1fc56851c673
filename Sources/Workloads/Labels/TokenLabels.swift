import Basics
import Tensors

/// The labels of the tokens of a source: vocabulary ids, and the sequences that the tokens form.
struct TokenLabels: Equatable, Sendable {
    /// The vocabulary id of each token of the source, or nil when they have none.
    let ids: [Int32]?
    /// The cut of steps into sequences.
    let cut: SequenceCut
    /// The rows of the source that are tokens; ids and cut are of these alone.
    let kept: KeptTokens

    /// Create the labels of a source's tokens.
    ///
    /// - Parameters:
    ///   - sequenceTokens: cuts each step into sequences of so many tokens, whatever `cut` says; nil for `cut`.
    ///   - kept: the rows of a file that are tokens.
    init(
        ids: [Int32]? = nil,
        cut: SequenceCut = .nowhere,
        sequenceTokens: Int? = nil,
        kept: KeptTokens = KeptTokens(all: 0)
    ) {
        self.kept = kept
        self.ids = ids
        self.cut = sequenceTokens.map { .every($0) } ?? cut
    }

    /// The vocabulary ids of the source's tokens in `rows`, or nil when they have none.
    func ids(of rows: some Collection<Int>) -> [Int32]? {
        ids.map { ids in rows.map { ids[$0] } }
    }

    /// The number of occurrences of each vocabulary id in the source, `[vocabulary]`; nil without ids.
    var frequencies: [Double]? {
        guard let ids, let largest = ids.max() else { return nil }
        var counts = [Double](repeating: 0, count: Int(largest) + 1)
        for id in ids { counts[Int(id)] += 1 }
        return counts
    }

    /// Set the vocabulary ids and sequence lengths of the batch of one step.
    func label(_ batch: inout WorkloadBatch, rows: CyclicRows, step: Int) {
        batch.tokenIDs = ids(of: rows.pieces(step: step).joined())
        batch.sequenceLengths = lengths(rows: rows, step: step)
    }

    /// The lengths of the sequences that the tokens of one step form, or nil when they are one.
    func lengths(rows: CyclicRows, step: Int) -> [Int]? {
        cut.lengths(from: rows.row(at: step * rows.perStep), count: rows.perStep)
    }
}

extension TokenLabels {
    /// The upper limit that all vocabulary ids stay below, because tables over the vocabulary are made; the largest
    /// vocabularies are a fortieth of it.
    static let vocabularyLimit = 1 << 24

    /// The labels that a file has for its tokens: ids (``LabelTensor/ids``), masks and lengths of sequences.
    ///
    /// - Parameters:
    ///   - prefix: a prefix that these names may have in the file.
    ///   - tokens: rows of the source, padding among them.
    ///   - sequenceTokens: cuts each step into sequences of so many tokens, whatever the file says; nil for the file's.
    /// - Throws: `TensorFileError` when there is not one id or flag per token, when an id is negative or beyond all
    ///   vocabularies, when a flag is neither 0 nor 1 or all are 0, or when the lengths are not those of all tokens.
    init(
        _ file: any TensorFile,
        prefix: String = "",
        tokens: Int,
        sequenceTokens: Int?
    ) throws(TensorFileError) {
        var reader = PaddingReader(tokens: tokens, batch: try LabelTensor.batchShape(in: file, prefix: prefix))
        for name in LabelTensor.masks {
            if let tensor = try Self.find([name], prefix, file) { try reader.mask(tensor) }
        }
        if let tensor = try Self.find(LabelTensor.lengths, prefix, file) { try reader.lengths(tensor) }
        let kept = reader.kept
        guard tokens == 0 || kept.count > 0 else {
            let reason = kept.reason ?? ""
            throw TensorFileError(path: file.path, message: "leaves no token: all \(tokens) are padding by \(reason)")
        }
        var ids: [Int32]?
        if let tensor = try Self.find(LabelTensor.ids, prefix, file) {
            ids = try Self.ids(tensor, kept: kept)
            reader.rows(of: tensor)
        }
        let ends = reader.ends.map { $0.map { kept.count(before: $0) } }
        self.init(
            ids: ids,
            cut: ends.map { .ends(Self.ascending($0)) } ?? .nowhere,
            sequenceTokens: sequenceTokens,
            kept: kept
        )
    }

    /// The ends of sequences that have tokens.
    private static func ascending(_ ends: [Int]) -> [Int] {
        ends.reduce(into: []) { if $1 > $0.last ?? 0 { $0.append($1) } }
    }

    /// The tensor of one of these names that the file has, a name with the prefix rather than one without.
    ///
    /// - Throws: `TensorFileError` for two of them that hold different numbers.
    private static func find(
        _ names: [String],
        _ prefix: String,
        _ file: any TensorFile
    ) throws(TensorFileError) -> TensorView? {
        let held = Set(file.names)
        let candidates = names.map { prefix + $0 } + names
        guard let name = candidates.first(where: held.contains) else { return nil }
        let tensor = try file.tensor(named: name)
        // The same name with and without a prefix is that of a layer and of all.
        let isPrefixed = !prefix.isEmpty && name.hasPrefix(prefix)
        for other in names.map({ isPrefixed ? prefix + $0 : $0 }) where other != name && held.contains(other) {
            let second = try file.tensor(named: other)
            let rows = (0..<tensor.flat.rows, 0..<second.flat.rows)
            guard try tensor.flat.integers(rows: rows.0) == second.flat.integers(rows: rows.1) else {
                let message = "holds \(Quoted.text(name)) and \(Quoted.text(other)), which differ, allowed: one of them"
                throw TensorFileError(path: file.path, message: message)
            }
        }
        return tensor
    }

    private static func ids(_ tensor: TensorView, kept: KeptTokens) throws(TensorFileError) -> [Int32] {
        let count = tensor.shape.reduce(1, *)
        guard count == kept.total else {
            throw tensor.error("holds \(count) ids; \(kept.total) tokens need as many")
        }
        let flat = tensor.flat
        var ids: [Int32] = []
        ids.reserveCapacity(kept.count)
        for rows in kept.rows(0..<kept.count) {
            for (index, id) in try flat.integers(rows: rows).enumerated() {
                guard id >= 0, id < Int64(vocabularyLimit) else {
                    let token = rows.lowerBound + index
                    throw tensor.error("token \(token) has id \(id); allowed are 0 to \(vocabularyLimit - 1)")
                }
                ids.append(Int32(id))
            }
        }
        return ids
    }
}

/// The cut of a step's tokens into sequences.
enum SequenceCut: Equatable, Sendable {
    /// No cut: nothing is known of sequences, so the tokens of a step are one.
    case nowhere
    /// A cut after every run of this many tokens, counted from the beginning of each step; at least 1.
    case every(Int)
    /// Cuts at the ends of the source's sequences, in ascending order; the last is the number of its tokens.
    case ends([Int])

    /// The lengths of the sequences that some tokens form, or nil when they are one.
    ///
    /// A sequence that begins before the tokens, or ends behind them, counts with the part that is among them.
    ///
    /// - Parameters:
    ///   - start: the first token, as a row of the source.
    ///   - count: so many tokens; behind the last row of the source comes its first.
    func lengths(from start: Int, count: Int) -> [Int]? {
        switch self {
        case .nowhere: nil
        case .every(let size): stride(from: 0, to: count, by: size).map { min(size, count - $0) }
        case .ends(let ends): Self.lengths(ends, from: start, count: count)
        }
    }

    private static func lengths(_ ends: [Int], from start: Int, count: Int) -> [Int] {
        var lengths: [Int] = []
        var sequence = ends.firstIndex { $0 > start } ?? 0
        var row = start
        var left = count
        while left > 0 {
            let length = min(ends[sequence] - row, left)
            lengths.append(length)
            left -= length
            row = ends[sequence]
            sequence += 1
            if sequence == ends.count { (sequence, row) = (0, 0) }
        }
        return lengths
    }
}
