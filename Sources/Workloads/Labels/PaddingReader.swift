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
    /// What recorded files are known to hold beside masks (``isMask(_:)``) that leaves tokens out or tells of sequences, in
    /// forms that are not read. `used_token` is DeepSpeed's, `cu_seqlens` is that of kernels for packed sequences.
    private static let unread = [
        "used_token", "cu_seqlens", "cu_seq_lens", "query_start_loc", "sequence_ids", "segment_ids",
    ]
    /// The rank that owns each token.
    static let source = "source_rank"

    /// What a file says of tokens that is not read: masks of other names, which mean something else, or the opposite, in every
    /// program; and what is said of one layer where only what is said of all is read.
    ///
    /// - Parameter prefix: a prefix that names which are read may have in the file.
    static func unread(in file: any TensorFile, prefix: String = "") -> [String] {
        let labels = ids + masks + lengths
        let read = Set(labels + labels.map { prefix + $0 } + [source])
        return byLastPart(file.names.filter { !read.contains($0) && isKnown(lastPart(of: $0)) })
    }

    /// Names of tensors for a note: of those of several layers the first, with their number.
    static func byLastPart(_ names: [String]) -> [String] {
        Dictionary(grouping: names, by: lastPart).values.map { names in
            let first = names.min() ?? ""
            return names.count == 1 ? first : "\(first) and \(names.count - 1) more of that name"
        }.sorted()
    }

    /// The name of a tensor without what stands before the last dot, as `layers.0.`.
    static func lastPart(of name: String) -> String {
        name.split(separator: ".").last.map(String.init) ?? name
    }

    /// What a reader of the results is told of what is not read; nil for none.
    static func unreadNote(in file: any TensorFile) -> String? {
        let held = unread(in: file)
        guard !held.isEmpty else { return nil }
        return "\(Folder.name(of: file.path)) holds \(WordList.all(held)), not read: what it leaves out counts as "
            + "tokens; masks that are read are \(WordList.all(masks)) of all layers"
    }

    /// True for the name of something that is said of tokens.
    static func isKnown(_ name: String) -> Bool {
        isMask(name) || (ids + lengths + unread + [source]).contains(name)
    }

    private static func isMask(_ name: String) -> Bool { name == "mask" || name.hasSuffix("_mask") }

    /// The shape `[sequence, position]` that a mask or the vocabulary ids of a file have, or nil.
    ///
    /// - Parameter prefix: a prefix that these names may have in the file.
    static func batchShape(in file: any TensorFile, prefix: String = "") throws(TensorFileError) -> [Int]? {
        let held = Set(file.names)
        for name in (masks + ids).flatMap({ [prefix + $0, $0] }) where held.contains(name) {
            let shape = try file.tensor(named: name).shape
            if shape.count == 2 { return shape }
        }
        return nil
    }

    /// What else a tensor `[token, column]` may be, as the end of an error.
    static func batchHint(_ column: String) -> String {
        ", or [sequence, position, \(column)] beside \(WordList.alternatives(masks + ids)) of [sequence, position]"
    }

    /// The number of tokens of which something is said in a file, or nil.
    static func count(in file: any TensorFile) throws(TensorFileError) -> Int? {
        guard let name = (masks + ids + [source]).first(where: Set(file.names).contains) else { return nil }
        return try file.tensor(named: name).shape.reduce(1, *)
    }
}

extension TensorView {
    /// The tensor with a row for each token, where its first two dimensions are `[sequence, position]`.
    ///
    /// - Parameter batch: that shape, where the labels of the tokens have one.
    func withTokenRows(_ batch: [Int]?) -> TensorView {
        shape.count > 2 && batch == Array(shape.prefix(2)) ? withJoinedRows : self
    }
}

/// The flags of tokens that masks give, in whatever form a file has them.
struct PaddingFlags: Equatable, Sendable {
    /// Whether each row is a token, as every mask so far says; nil before the first.
    private(set) var values: [Bool]?
    /// What told of padding, in words.
    private(set) var reasons: [String] = []

    /// What told of padding, as a phrase.
    var reason: String { WordList.all(reasons) }

    /// Take over one more mask of as many rows; a token is what every mask calls one.
    mutating func join(_ own: [Bool], _ reason: String) {
        values = values.map { zip($0, own).map { $0 && $1 } } ?? own
        reasons.append(reason)
    }

    /// The flags that numbers are.
    ///
    /// - Parameter refusal: the error for a message on a number that is no flag.
    static func flags<Value: Numeric, Failure: Error>(
        _ numbers: [Value],
        refusal: (String) -> Failure
    ) throws(Failure) -> [Bool] {
        if let index = numbers.firstIndex(where: { $0 != 0 && $0 != 1 }) {
            throw refusal("is \(numbers[index]) for token \(index); allowed are 1 for a token and 0 for padding")
        }
        return numbers.map { $0 == 1 }
    }
}

/// The reader of what a file tells of padding and of sequences.
struct PaddingReader {
    private let tokens: Int
    private let batch: [Int]?
    private var flags = PaddingFlags()
    /// The ends of the sequences among the rows, padding among them; nil where nothing is known of sequences.
    private(set) var ends: [Int]?

    /// A reader of the labels of so many rows.
    ///
    /// - Parameter batch: the shape `[sequence, position]` that a mask or the ids have, or nil.
    init(tokens: Int, batch: [Int]? = nil) { (self.tokens, self.batch) = (tokens, batch) }

    /// The rows that are tokens.
    var kept: KeptTokens {
        flags.values.map { KeptTokens($0, reason: flags.reason) } ?? KeptTokens(all: tokens)
    }

    /// Take over a mask; a token is what every mask calls one.
    mutating func mask(_ tensor: TensorView) throws(TensorFileError) {
        let count = tensor.shape.reduce(1, *)
        guard count == tokens, (1...2).contains(tensor.shape.count) else {
            throw tensor.error(
                "has shape \(tensor.shape); [token] or [sequence, position] with a flag for each of \(tokens) tokens is needed"
            )
        }
        flags.join(try Self.flags(tensor.flat), tensor.name)
        rows(of: tensor)
    }

    /// Take the rows of a tensor `[sequence, position]` of all tokens for sequences, unless these are known.
    mutating func rows(of tensor: TensorView) {
        guard ends == nil, tensor.shape.count == 2, tensor.shape[0] > 1 else { return }
        ends = (1...tensor.shape[0]).map { $0 * tensor.shape[1] }
    }

    private static func flags(_ tensor: TensorView) throws(TensorFileError) -> [Bool] {
        let rows = 0..<tensor.rows
        if tensor.dtype == .bool { return try tensor.bytes(rows: rows).map { $0 != 0 } }
        if tensor.dtype.isFloatingPoint {
            return try PaddingFlags.flags(tensor.floats(rows: rows), refusal: tensor.error)
        }
        return try PaddingFlags.flags(tensor.integers(rows: rows), refusal: tensor.error)
    }

    /// Take over the lengths of sequences.
    ///
    /// Lengths of all rows, or of all that masks keep, stand one behind the other. Lengths of fewer are those of rows of
    /// equal width, one for each sequence, filled up at their ends: of the width that a mask or the ids have, or else of
    /// that which as many rows give.
    mutating func lengths(_ tensor: TensorView) throws(TensorFileError) {
        guard tensor.shape.count == 1 else {
            throw tensor.error("has shape \(tensor.shape); [sequence] of integers is needed")
        }
        let lengths = try tensor.integers(rows: 0..<tensor.rows)
        if let batch, lengths.count == batch[0], lengths.allSatisfy({ 0...Int64(batch[1]) ~= $0 }) {
            return try pad(tensor, lengths, width: batch[1])
        }
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
        guard batch == nil, !lengths.isEmpty, tokens.isMultiple(of: lengths.count) else { return nil }
        let (width, sum) = (tokens / lengths.count, lengths.reduce(0, Self.sum))
        guard lengths.allSatisfy({ 0...Int64(width) ~= $0 }), sum != Int64(tokens) else { return nil }
        // A mask already leaves out what these lengths leave out; a mask of one dimension does not tell sequences.
        return sum == Int64(known) && flags.values != nil ? nil : width
    }

    private mutating func pad(_ tensor: TensorView, _ lengths: [Int64], width: Int) throws(TensorFileError) {
        if let values = flags.values {
            for (sequence, length) in lengths.enumerated() {
                let found = values[sequence * width..<(sequence + 1) * width].count { $0 }
                guard found == Int(length) else {
                    throw tensor.error(
                        "sequence \(sequence) has length \(length), but \(flags.reason) has \(found) tokens in it"
                    )
                }
            }
        } else {
            flags.join(
                lengths.flatMap { length in (0..<width).map { Int64($0) < length } },
                "\(tensor.name), each of \(width) rows that are filled up at their ends"
            )
        }
        ends = (1...lengths.count).map { $0 * width }
    }

    /// A sum that stays within range, whatever is added.
    private static func sum(_ left: Int64, _ right: Int64) -> Int64 {
        let (sum, isHuge) = left.addingReportingOverflow(right)
        return isHuge ? .max : sum
    }
}
