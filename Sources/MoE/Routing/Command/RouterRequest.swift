import Basics
public import Tensors

/// A question to the program of a ``CommandRouter``: the numbers of some tokens of one layer in one step.
///
/// As bytes, all numbers little-endian: the eight letters `epsimreq`; the 32-bit integers version (1), step, layer,
/// tokens T, columns C, experts E, choices k and input (0 for logits, 1 for hidden states); a 64-bit seed; then
/// T C 32-bit floats, row by row. The answer: the eight letters `epsimans`; the 32-bit integers step, layer, T and k of
/// the question; T k 32-bit integers, the experts, -1 for none; T k 32-bit floats, their weights.
public struct RouterRequest: Equatable, Sendable {
    /// The version of the format.
    public static let version: UInt32 = 1
    /// The bytes of an answer before its experts.
    public static let answerHeadBytes = 24
    private static let magic = Array("epsimreq".utf8)
    private static let answerMagic = Array("epsimans".utf8)
    private static let shownBytes = 40

    /// The number of the step, warm-up included.
    public let step: Int
    /// The number of the layer.
    public let layer: Int
    /// Routed experts, E.
    public let experts: Int
    /// The most choices of a token, k.
    public let topK: Int
    /// The meaning of the rows.
    public let input: RouterInputKind
    /// A random number that belongs to this step and layer of the run.
    public let seed: UInt64
    /// One row per token, `[tokens, columns]`.
    public let rows: Matrix

    /// A question about some rows.
    public init(
        step: Int,
        layer: Int,
        experts: Int,
        topK: Int,
        input: RouterInputKind,
        seed: UInt64,
        rows: Matrix
    ) {
        self.step = step
        self.layer = layer
        self.experts = experts
        self.topK = topK
        self.input = input
        self.seed = seed
        self.rows = rows
    }

    /// The question as bytes.
    public func encoded() -> [UInt8] {
        var bytes = Self.magic
        let inputNumber: UInt32 = input == .logits ? 0 : 1
        let numbers = [step, layer, rows.rows, rows.columns, experts, topK].map { UInt32(truncatingIfNeeded: $0) }
        bytes.reserveCapacity(48 + rows.values.count * 4)
        for number in [Self.version] + numbers + [inputNumber] { bytes.append(littleEndian: number) }
        bytes.append(littleEndian: seed)
        unsafe rows.values.map { $0.bitPattern.littleEndian }.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
        return bytes
    }

    /// Bytes of an answer.
    public var answerBytes: Int { Self.answerHeadBytes + 8 * rows.rows * topK }

    /// Check the beginning of an answer, as far as it has come, against the one that the question asks for.
    ///
    /// - Throws: ``RoutingError`` that says what stands there instead.
    public func checkBeginning(of answer: [UInt8]) throws(RoutingError) {
        guard answer.starts(with: Self.answerMagic.prefix(answer.count)) else {
            let shown = String(decoding: answer.prefix(Self.shownBytes), as: UTF8.self)
            throw RoutingError("an answer begins with \"epsimans\", but it wrote \(Quoted.text(shown))")
        }
        guard answer.count >= Self.answerHeadBytes else { return }
        let found = (0..<4).map { Int(answer.word(at: 8 + 4 * $0)) }
        guard found[0] == step, found[1] == layer else {
            throw RoutingError("it answers for step \(found[0]) and layer \(found[1])")
        }
        guard found[2] == rows.rows else {
            throw RoutingError("it answers for \(found[2]) tokens; asked were \(rows.rows)")
        }
        guard found[3] == topK else {
            let rule = "allowed are \(topK) (router.top_k), with expert -1 for none"
            throw RoutingError("it answers with \(found[3]) choices per token; \(rule)")
        }
    }

    /// The choices of an answer; whether experts and weights are possible is not checked here.
    ///
    /// - Throws: ``RoutingError`` when its beginning or its size is wrong.
    public func choices(in answer: [UInt8]) throws(RoutingError) -> RecordedChoices {
        try checkBeginning(of: answer)
        guard answer.count == answerBytes else {
            throw RoutingError("its answer has \(answer.count) bytes; \(answerBytes) are needed")
        }
        let count = rows.rows * topK
        let weights = Self.answerHeadBytes + 4 * count
        return RecordedChoices(
            choicesPerToken: topK,
            experts: (0..<count).map { Int32(bitPattern: answer.word(at: Self.answerHeadBytes + 4 * $0)) },
            weights: (0..<count).map { Float(bitPattern: answer.word(at: weights + 4 * $0)) }
        )
    }
}

/// The numbers of a token that a program reads.
public enum RouterInputKind: String, CaseIterable, Sendable {
    /// The gate's logits, one per routed expert.
    case logits
    /// The hidden state that the gate would read.
    case hidden
}

extension [UInt8] {
    fileprivate mutating func append(littleEndian value: some FixedWidthInteger) {
        for shift in stride(from: 0, to: value.bitWidth, by: 8) { append(UInt8(truncatingIfNeeded: value >> shift)) }
    }

    /// The 32-bit integer at a place.
    fileprivate func word(at place: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(self[place + $1]) << (8 * UInt32($1)) }
    }
}
