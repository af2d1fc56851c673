import Basics
import Tensors

/// The names of the tensors that say something of the tokens of a recorded file.
enum LabelTensor {
    /// Vocabulary ids of the tokens.
    static let ids = ["token_ids", "input_ids"]
    /// Flags of the tokens, 1 for a token and 0 for padding: `[token]`, or `[sequence, position]`.
    static let masks = ["attention_mask", "token_mask"]
    /// Tokens of each sequence.
    static let lengths = ["sequence_lengths", "seq_lens"]
    /// Masks that recorded files are known to hold and that mean something else, or the opposite, in every program: they
    /// are not read, and whoever has one is told.
    static let unreadMasks = ["padding_mask", "key_padding_mask", "loss_mask", "expert_mask"]
}

/// The reader of what a file tells of padding and of sequences.
struct PaddingReader {
    private let tokens: Int
    private var flags: [Bool]?
    private var reasons: [String] = []
    /// The ends of the sequences among the rows, padding among them; nil where nothing is known of sequences.
    private(set) var ends: [Int]?

    /// A reader of the labels of so many rows.
    init(tokens: Int) { self.tokens = tokens }

    /// The rows that are tokens.
    var kept: KeptTokens {
        flags.map { KeptTokens($0, reason: WordList.all(reasons)) } ?? KeptTokens(all: tokens)
    }

    /// Take over a mask; a token is what every mask calls one.
    mutating func mask(_ tensor: TensorView) throws(TensorFileError) {
        let count = tensor.shape.reduce(1, *)
        guard count == tokens, (1...2).contains(tensor.shape.count) else {
            throw tensor.error(
                "has shape \(tensor.shape); [token] or [sequence, position] with a flag for each of \(tokens) tokens is needed"
            )
        }
        let own = try Self.flags(tensor.flat)
        flags = flags.map { zip($0, own).map { $0 && $1 } } ?? own
        reasons.append(tensor.name)
        if tensor.shape.count == 2, tensor.shape[0] > 1 {
            ends = (1...tensor.shape[0]).map { $0 * tensor.shape[1] }
        }
    }

    private static func flags(_ tensor: TensorView) throws(TensorFileError) -> [Bool] {
        func error(_ index: Int, _ value: String) -> TensorFileError {
            tensor.error("is \(value) for token \(index); allowed are 1 for a token and 0 for padding")
        }
        let rows = 0..<tensor.rows
        if tensor.dtype == .bool { return try tensor.bytes(rows: rows).map { $0 != 0 } }
        if tensor.dtype.isFloatingPoint {
            let values = try tensor.floats(rows: rows)
            if let index = values.firstIndex(where: { $0 != 0 && $0 != 1 }) { throw error(index, "\(values[index])") }
            return values.map { $0 == 1 }
        }
        let values = try tensor.integers(rows: rows)
        if let index = values.firstIndex(where: { $0 != 0 && $0 != 1 }) { throw error(index, "\(values[index])") }
        return values.map { $0 == 1 }
    }

    /// Take over the lengths of sequences.
    ///
    /// Lengths of all rows, or of all that masks keep, stand one behind the other. Lengths of fewer are those of rows of
    /// equal width, one for each sequence, filled up at their ends.
    mutating func lengths(_ tensor: TensorView) throws(TensorFileError) {
        guard tensor.shape.count == 1 else {
            throw tensor.error("has shape \(tensor.shape); [sequence] of integers is needed")
        }
        let lengths = try tensor.integers(rows: 0..<tensor.rows)
        let known = kept
        if let width = paddedWidth(lengths, known.count) { return try pad(tensor, lengths, width: width) }
        let isOfKept = known.reason != nil && lengths.reduce(0, Self.sum) == Int64(known.count)
        let all = isOfKept ? known.count : tokens
        var (ends, end): ([Int], Int) = ([], 0)
        for (sequence, length) in lengths.enumerated() {
            guard length > 0, length <= Int64(all - end) else {
                let allowed = end < all ? "allowed are 1 to \(all - end)" : "all \(all) tokens have one"
                throw tensor.error("sequence \(sequence) has length \(length); \(allowed)")
            }
            end += Int(length)
            ends.append(isOfKept ? known.row(of: end - 1) + 1 : end)
        }
        guard end == all else {
            throw tensor.error("the sequences hold \(end) tokens; there are \(all)")
        }
        self.ends = ends
    }

    /// The width of the rows that lengths fill in part, or nil where lengths are of another kind.
    private func paddedWidth(_ lengths: [Int64], _ known: Int) -> Int? {
        guard !lengths.isEmpty, tokens.isMultiple(of: lengths.count) else { return nil }
        let (width, sum) = (tokens / lengths.count, lengths.reduce(0, Self.sum))
        guard lengths.allSatisfy({ 0...Int64(width) ~= $0 }), sum != Int64(tokens) else { return nil }
        // A mask already leaves out what these lengths leave out; a mask of one dimension does not tell sequences.
        return sum == Int64(known) && ends == nil && flags != nil ? nil : width
    }

    private mutating func pad(_ tensor: TensorView, _ lengths: [Int64], width: Int) throws(TensorFileError) {
        if let flags {
            for (sequence, length) in lengths.enumerated() {
                let found = flags[sequence * width..<(sequence + 1) * width].count { $0 }
                guard found == Int(length) else {
                    throw tensor.error(
                        "sequence \(sequence) has length \(length), but \(WordList.all(reasons)) has \(found) tokens in it"
                    )
                }
            }
        } else {
            flags = lengths.flatMap { length in (0..<width).map { Int64($0) < length } }
            reasons.append("\(tensor.name), each of \(width) rows")
        }
        ends = (1...lengths.count).map { $0 * width }
    }

    /// A sum that stays within range, whatever is added.
    private static func sum(_ left: Int64, _ right: Int64) -> Int64 {
        let (sum, isHuge) = left.addingReportingOverflow(right)
        return isHuge ? .max : sum
    }
}
